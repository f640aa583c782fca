/** Of the browser's locks, what is needed of them; where the browser grants none, reading/tabLocks.ts. */
export type Locks = Pick<LockManager, 'request'>

/**
 * Which tab a case is read in: one lock of the browser a case, which ends with its tab, however that ends. Should two
 * tabs have one seat all the same, the versions of the server keep their texts apart.
 */
export class Seats {
  private readonly held = new Map<number, () => void>()
  private closed = false

  constructor(
    private readonly user: number,
    private readonly locks: Locks,
    /** Another tab goes on with the case. */
    private readonly onTaken: (annotation: number) => void,
  ) {}

  /** False while another tab has it. */
  take(annotation: number): Promise<boolean> {
    return this.ask(annotation, { ifAvailable: true })
  }

  /** From the tab that has it, which is told. */
  async takeOver(annotation: number): Promise<void> {
    await this.ask(annotation, { steal: true })
  }

  release(annotation: number): void {
    const release = this.held.get(annotation)
    this.held.delete(annotation)
    release?.()
  }

  /** The tab is left: nothing is held from now on. */
  close(): void {
    this.closed = true
    for (const annotation of [...this.held.keys()]) this.release(annotation)
  }

  private ask(annotation: number, options: LockOptions): Promise<boolean> {
    const { locks } = this
    if (this.held.has(annotation)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const hold = (lock: Lock | null): Promise<void> => {
        const until = new Promise<void>((release) => {
          if (lock && !this.closed) this.held.set(annotation, release)
          else release()
        })
        resolve(lock !== null)
        return until
      }
      locks.request(`osteon.case.${this.user}.${annotation}`, options, hold).then(undefined, () => {
        // taken over, or the browser grants no locks here
        if (this.held.delete(annotation)) this.onTaken(annotation)
        resolve(true)
      })
    })
  }
}
