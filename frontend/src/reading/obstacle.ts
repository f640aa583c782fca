import { isRegion } from '../kinds/items'
import { missingSlot, unfinished } from '../kinds/slots'
import { texts } from '../texts'
import { hasUnseenGaps } from './gaps'
import { EMPTY_HAND, type OpenCase } from './open'
import { sideObstacle } from './side'

/** Why nothing is answered by a key yet: nobody answers what he has not seen. Null once the image is painted. */
export function unseen({ pixels }: OpenCase): string | null {
  if (pixels === 'failed') return texts.reading.noPixelsNoSubmit
  return pixels === 'loading' ? texts.reading.waitForPixels : null
}

/** Why this case cannot be submitted now, as a sentence, or null when it can. */
export function submitObstacle(open: OpenCase): string | null {
  if (open.away) return texts.losses.onlyShown
  const notYet = unseen(open)
  if (notYet) return notYet
  if (hasUnseenGaps(open)) return texts.losses.gapsFirst
  if (open.conflict) return texts.reading.chooseFirst
  const unclear = sideObstacle(open)
  if (unclear) return unclear
  const missing = missingSlot(open.next.form, open.answers)
  if (missing) return texts.reading.answerFirst(missing.label)
  return unfinished(open.next.form, open.answers)?.sentence ?? null
}

/** The case with the sentence that says why it is not submitted, and keys and tool where they are wanted; null when it can be. */
export function stopped(open: OpenCase): OpenCase | null {
  const notice = submitObstacle(open)
  if (!notice) return null
  const { form } = open.next
  const missing = missingSlot(form, open.answers)
  const lacking = missing ? undefined : unfinished(form, open.answers)
  const activeSlot = (missing ?? lacking?.at)?.slot ?? open.activeSlot
  const armed = missing !== undefined && isRegion(missing.field)
  return { ...open, ...EMPTY_HAND, notice, activeSlot, armed, item: lacking?.item ?? null }
}
