import type { SlotPrediction } from '../api/reading'
import { chanceText } from '../geometry/zoom'
import { texts } from '../texts'

/** "2 to 3, 90 %": where the truth lies with a promised chance. Null where nothing is promised, or one value alone. */
export function reachText(
  { low, high, level }: SlotPrediction,
  word: (value: number) => string,
): string | null {
  if (low === undefined || high === undefined || level === undefined || low === high) return null
  return texts.kinds.reach(word(low), word(high), chanceText(level))
}
