/** So many pixels of scrolling are taken for one notch of a wheel; trackpads send them in small pieces. */
const NOTCH_PIXELS = 50
/** A browser's own count for a whole notch; a pinch sends far less. */
const WHOLE_PIXELS = { wheel: 100, pinch: 20 }

type Scrolled = Pick<WheelEvent, 'deltaY' | 'deltaMode' | 'ctrlKey'>

const inPixels = ({ deltaMode }: Scrolled): boolean => deltaMode === 0

/** Counts the notches of a wheel: at most one an event, so that neither a fast wheel nor a trackpad runs through a stack. */
export class Notches {
  private gathered = 0

  /** 1: down by a notch, -1: up by one, 0: not yet. Lines and pages are sent by wheels alone, once a notch. */
  step(event: Scrolled): -1 | 0 | 1 {
    const { deltaY } = event
    const way = deltaY > 0 ? 1 : -1
    if (deltaY === 0) return 0
    if (!inPixels(event) || Math.abs(deltaY) >= NOTCH_PIXELS) {
      this.gathered = 0
      return way
    }
    this.gathered = this.gathered * way > 0 ? this.gathered + deltaY : deltaY
    if (Math.abs(this.gathered) < NOTCH_PIXELS) return 0
    this.gathered -= way * NOTCH_PIXELS
    return way
  }
}

/** The share of a notch that was scrolled, -1 to 1: a zoom follows the fingers. */
export function shareOfNotch(event: Scrolled): number {
  if (!inPixels(event)) return Math.sign(event.deltaY)
  const whole = event.ctrlKey ? WHOLE_PIXELS.pinch : WHOLE_PIXELS.wheel
  return Math.max(-1, Math.min(1, event.deltaY / whole))
}
