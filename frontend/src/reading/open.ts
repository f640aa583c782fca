import type { Answer, Answers } from '../api/forms'
import type { Annotation, NextCase } from '../api/reading'
import { isAnswered, missingSlot, slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import type { KeptDraft } from './kept'
import { sideObstacle } from './side'
import { sameText, type Text, textOf } from './text'

/**
 * saved: as on the server · unsaved: changed, not sent · saving: sent · failed: sent in vain, will be repeated ·
 * refused: the server did not take it
 */
export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed' | 'refused'
export type PixelState = 'loading' | 'painted' | 'failed'

/** A case that this tab holds, with everything the reader did to it. */
export interface OpenCase {
  next: NextCase
  answers: Answers
  /** R or L where the reader settled it. */
  side: string
  /** Earlier answers, for undo; the latest is last. */
  past: Answers[]
  version: number
  savedAt: string | null
  save: SaveState
  /** The server's answer where somebody (another tab) changed it meanwhile. */
  conflict: Annotation | null
  slotErrors: Record<string, string>
  /** A calm sentence beside the submit button. */
  notice: string | null
  /** Why the text came from this machine and not from the server. */
  restored: string | null
  /** Somebody else got hold of the case. */
  leaseLost: boolean
  activeSlot: string
  pixels: PixelState
  pixelsSentence: string | null
}

export const sameAnswers = (one: Answers, other: Answers): boolean =>
  canonical(one) === canonical(other)

function canonical(answers: Answers): string {
  // A field that was not asked is the same as one without an entry.
  const asked = (slot: string): boolean => answers[slot]?.state !== 'not_asked'
  const slots = Object.keys(answers).filter(asked).sort()
  return JSON.stringify(
    slots.map((slot) => [slot, answers[slot]?.state, answers[slot]?.value ?? null]),
  )
}

export function openCase(next: NextCase, kept: KeptDraft | null = null): OpenCase {
  const { annotation, form } = next
  const opened: OpenCase = {
    next,
    answers: annotation.answers,
    side: annotation.side,
    past: [],
    version: annotation.version,
    savedAt: annotation.saved_at,
    save: 'saved',
    conflict: null,
    slotErrors: {},
    notice: null,
    restored: null,
    leaseLost: false,
    activeSlot: firstOpenSlot(next, annotation.answers) ?? slotsOf(form)[0]?.slot ?? '',
    pixels: 'loading',
    pixelsSentence: null,
  }
  return kept ? restored(opened, kept) : opened
}

/** With what this machine kept: it goes on where it stopped, unless the server has a text of somebody else's. */
function restored(opened: OpenCase, kept: KeptDraft): OpenCase {
  const { annotation } = opened.next
  const past = kept.older.map(({ answers }) => answers)
  if (sameText(kept, annotation)) return { ...opened, past }
  const ours =
    kept.version === annotation.version || kept.sent.some((sent) => sameText(sent, annotation))
  return {
    ...opened,
    ...textOf(kept),
    past,
    save: 'unsaved',
    conflict: ours ? null : annotation,
    restored:
      past.length > 0
        ? `${texts.losses.restored[kept.why]} ${texts.losses.restoredOlder}`
        : texts.losses.restored[kept.why],
  }
}

function firstOpenSlot(next: NextCase, answers: Answers): string | undefined {
  return slotsOf(next.form).find(({ slot }) => !isAnswered(answers[slot]))?.slot
}

export function answered(open: OpenCase, slot: string, answer: Answer): OpenCase {
  const answers = { ...open.answers, [slot]: answer }
  const { [slot]: _fixed, ...slotErrors } = open.slotErrors
  return {
    ...open,
    answers,
    past: [...open.past, open.answers],
    save: 'unsaved',
    slotErrors,
    notice: null,
    activeSlot: firstOpenSlot(open.next, answers) ?? slot,
  }
}

export function undone(open: OpenCase): OpenCase {
  const answers = open.past.at(-1)
  if (!answers) return { ...open, notice: texts.reading.nothingToUndo }
  return { ...open, answers, past: open.past.slice(0, -1), save: 'unsaved', notice: null }
}

/** Takes the model's proposal for the active field as the reader's own answer. */
export function accepted(open: OpenCase): OpenCase {
  const slot = open.activeSlot
  const prediction = open.next.prediction?.slots[slot]
  if (!prediction) return open
  return answered(open, slot, { state: 'answered', value: prediction.value })
}

/** The server has `sent`; what was changed since then is still to be saved. */
export const stored = (open: OpenCase, annotation: Annotation, sent: Text): OpenCase => ({
  ...open,
  version: annotation.version,
  savedAt: annotation.saved_at,
  save: sameText(open, sent) ? 'saved' : 'unsaved',
})

export const conflicted = (open: OpenCase, theirs: Annotation): OpenCase => ({
  ...open,
  save: 'unsaved',
  conflict: theirs,
})

/** The reader chose; a refusal of the losing text is never silent. */
export function resolved(open: OpenCase, choice: 'mine' | 'theirs'): OpenCase {
  if (!open.conflict) return open
  const { version, answers, side, saved_at } = open.conflict
  const settled = { ...open, conflict: null, version, notice: null, slotErrors: {} }
  if (choice === 'mine') return { ...settled, save: 'unsaved' }
  return {
    ...settled,
    answers,
    side,
    past: [...open.past, open.answers],
    savedAt: saved_at,
    save: 'saved',
  }
}

/** Why this case cannot be submitted now, as a sentence, or null when it can. */
export function submitObstacle(open: OpenCase): string | null {
  if (open.pixels === 'failed') return texts.reading.noPixelsNoSubmit
  if (open.pixels === 'loading') return texts.reading.waitForPixels
  if (open.conflict) return texts.reading.chooseFirst
  const unclear = sideObstacle(open)
  if (unclear) return unclear
  const missing = missingSlot(open.next.form, open.answers)
  return missing ? texts.reading.answerFirst(missing.label) : null
}
