/** Longer without a key or the mouse, and the reader is taken to be away. */
const IDLE_MS = 60_000

/** Time during which the case was visible and somebody was at the keys; idle stretches count 60 s at most. */
export class ActiveTime {
  private counted: number
  private lastSign: number | null

  constructor(now: number, seconds = 0, visible = true) {
    this.counted = seconds * 1000
    this.lastSign = visible ? now : null
  }

  private settle(now: number): void {
    if (this.lastSign !== null) this.counted += Math.max(0, Math.min(now - this.lastSign, IDLE_MS))
  }

  /** A key, a click, a movement. */
  sign(now: number): void {
    if (this.lastSign === null) return
    this.settle(now)
    this.lastSign = now
  }

  hidden(now: number): void {
    this.settle(now)
    this.lastSign = null
  }

  visible(now: number): void {
    this.lastSign ??= now
  }

  seconds(now: number): number {
    const open = this.lastSign === null ? 0 : Math.max(0, Math.min(now - this.lastSign, IDLE_MS))
    return Math.round((this.counted + open) / 1000)
  }
}
