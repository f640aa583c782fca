import { Component, type ReactNode } from 'react'
import { texts } from '../texts'
import { Failed } from './States'

/** A page that threw says so instead of going blank. */
export class Broken extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children
    return (
      <Failed
        sentence={`${texts.errors.page}: ${this.state.error.message}. ${texts.errors.pageHelp}`}
        onRetry={() => location.reload()}
      />
    )
  }
}
