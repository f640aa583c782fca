import type { Answer, Answers } from '../api/forms'
import type { Annotation, NextCase } from '../api/reading'
import { isAnswered, missingSlot, slotsOf } from '../kinds/slots'
import { texts } from '../texts'

/** saved: as on the server · unsaved: changed, not sent · saving: sent · failed: sent in vain, will be repeated */
export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed'
export type PixelState = 'loading' | 'painted' | 'failed'

/** A case that this tab holds, with everything the reader did to it. */
export interface OpenCase {
  next: NextCase
  answers: Answers
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

/** What this machine kept of a case because it had not reached the server. */
export interface KeptDraft {
  answers: Answers
  version: number
}

export function openCase(next: NextCase, kept: KeptDraft | null = null): OpenCase {
  const { annotation, form } = next
  const opened: OpenCase = {
    next,
    answers: annotation.answers,
    past: [],
    version: annotation.version,
    savedAt: annotation.saved_at,
    save: 'saved',
    conflict: null,
    slotErrors: {},
    notice: null,
    activeSlot: firstOpenSlot(next, annotation.answers) ?? slotsOf(form)[0]?.slot ?? '',
    pixels: 'loading',
    pixelsSentence: null,
  }
  if (!kept || sameAnswers(kept.answers, annotation.answers)) return opened
  if (kept.version !== annotation.version)
    return { ...opened, answers: kept.answers, save: 'unsaved', conflict: annotation }
  return { ...opened, answers: kept.answers, save: 'unsaved', notice: texts.reading.restored }
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
export function stored(open: OpenCase, annotation: Annotation, sent: Answers): OpenCase {
  const current = sameAnswers(open.answers, sent)
  return {
    ...open,
    version: annotation.version,
    savedAt: annotation.saved_at,
    save: current ? 'saved' : 'unsaved',
    notice: open.notice === texts.reading.restored ? null : open.notice,
  }
}

export const conflicted = (open: OpenCase, theirs: Annotation): OpenCase => ({
  ...open,
  save: 'unsaved',
  conflict: theirs,
})

/** The reader chose; a refusal of the losing text is never silent. */
export function resolved(open: OpenCase, choice: 'mine' | 'theirs'): OpenCase {
  if (!open.conflict) return open
  const { version, answers, saved_at } = open.conflict
  const settled = { ...open, conflict: null, version, notice: null, slotErrors: {} }
  if (choice === 'mine') return { ...settled, save: 'unsaved' }
  return {
    ...settled,
    answers,
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
  const missing = missingSlot(open.next.form, open.answers)
  return missing ? texts.reading.answerFirst(missing.label) : null
}
