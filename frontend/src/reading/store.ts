import type { OpenCase } from './open'
import { EMPTY, type ReadingState } from './state'

/** The state of a session, and who looks at it. */
export class Store {
  protected state: ReadingState = EMPTY
  private readonly listeners = new Set<() => void>()

  readonly snapshot = (): ReadingState => this.state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  protected set(change: Partial<ReadingState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.listeners) listener()
  }

  protected change(next: OpenCase): void {
    this.set({ current: next })
  }
}
