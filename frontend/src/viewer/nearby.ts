import { loadPixels } from './images'
import { Lost } from './lost'
import { outwards, type Slice } from './slices'

/** Slices on either side of the one that is shown, fetched before the wheel asks for them. */
const AROUND = 24
const AT_ONCE = 4

/** Loads the slices near to one that is shown; a newer call takes over from an older. */
export class Nearby {
  private call = 0

  constructor(private readonly onLost: (slice: Slice, sentence: string) => void) {}

  /** Of failures only those are told that will be there when the slice itself is asked for. */
  async around(slices: readonly Slice[], index: number): Promise<void> {
    this.call += 1
    const { call } = this
    const from = Math.max(0, index - AROUND)
    const near = outwards(slices.slice(from, index + AROUND + 1), index - from)
    for (let at = 0; at < near.length && call === this.call; at += AT_ONCE)
      await Promise.all(near.slice(at, at + AT_ONCE).map((slice) => this.load(slice, call)))
  }

  private async load(slice: Slice, call: number): Promise<void> {
    try {
      await loadPixels(slice)
    } catch (reason) {
      if (reason instanceof Lost && call === this.call) this.onLost(slice, reason.message)
    }
  }

  stop(): void {
    this.call += 1
  }
}
