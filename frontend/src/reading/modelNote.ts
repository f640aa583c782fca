import type { Training } from '../api/training'
import { texts } from '../texts'

/**
 * What the room says of the model: that it learns, and for a while that a new version is in use.
 *
 * In the unassisted arm nothing may hint at a model for the case, and the page does not know a case of that arm from
 * one that nothing was predicted for. But before the task's first model no case has an arm to give away, so the first
 * training is announced to everybody.
 */
export function modelNote(
  training: Training | undefined,
  ready: number | null,
  assisted: boolean,
): string | null {
  if (!training || !(assisted || training.current === null)) return null
  if (ready !== null) return texts.reading.ready(ready)
  if (!training.run) return null
  return texts.reading.learning(Math.max(0, ...training.curve.map((point) => point.model)) + 1)
}
