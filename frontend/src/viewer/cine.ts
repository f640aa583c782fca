const FRAMES_PER_SECOND = 10

/** Runs through a stack, waiting for no frame longer than it takes to come. */
export class Cine {
  private timer: ReturnType<typeof setInterval> | null = null

  constructor(private readonly advance: () => void) {}

  get playing(): boolean {
    return this.timer !== null
  }

  toggle(): void {
    if (this.playing) this.stop()
    else this.timer = setInterval(this.advance, 1000 / FRAMES_PER_SECOND)
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer)
    this.timer = null
  }
}
