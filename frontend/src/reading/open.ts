import type { Answer, Answers } from '../api/forms'
import type { Annotation, NextCase } from '../api/reading'
import { isRegion, shapesOf } from '../kinds/items'
import { isAnswered, missingSlot, openSlots, type Slot, slotsOf } from '../kinds/slots'
import { kindOf } from '../kinds/table'
import { texts } from '../texts'
import type { RegionShape, Tool } from '../viewer'
import type { Gaps } from './gaps'
import { back, changed, forth, type History, type Moment } from './history'
import type { KeptDraft } from './kept'
import { type Side, sideDoubt } from './side'
import { sameText, type Text, textOf } from './text'

/**
 * saved: as on the server · unsaved: changed, not sent · saving: sent · failed: sent in vain, will be repeated ·
 * refused: the server did not take it
 */
type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed' | 'refused'
export type PixelState = 'loading' | 'painted' | 'failed'

/** Where the hand is: the question that has the keys, and what of it. */
export interface Hand {
  activeSlot: string
  /** The selected region, the reader's or one that the model proposes. */
  item: string | null
  /** The question about it that has the keys. */
  attribute: string | null
  /** The drawing tool of the active field is in the hand. */
  armed: boolean
  /** Which tool, where the field has several; null: the first. */
  shape: RegionShape | null
  /** What the brush paints; null: the first segment. */
  segment: string | null
}

/** A case that this tab holds, with everything the reader did to it. */
export interface OpenCase extends History, Hand {
  next: NextCase
  version: number
  savedAt: string | null
  save: SaveState
  /** The server's answer where somebody (another tab) changed it meanwhile. */
  conflict: Annotation | null
  slotErrors: Record<string, string>
  /** A calm sentence beside the submit button. */
  notice: string | null
  /** Other texts of it that earlier tabs left; undo leads back to them. */
  older: readonly Text[]
  /** Why the text came from this machine and not from the server. */
  restored: string | null
  /** Only shown here: another tab of the reader's has the case, or took it from this one. */
  away: 'elsewhere' | 'taken' | null
  /** Somebody else got hold of the case. */
  leaseLost: boolean
  /** Images that cannot be shown, and whether the reader reads without them. */
  gaps: Gaps
  gapsAccepted: boolean
  pixels: PixelState
  pixelsSentence: string | null
}

export const sameAnswers = (one: Answers, other: Answers): boolean =>
  canonical(one) === canonical(other)

/** The server's JSON may come back with its keys in another order. */
const inOrder = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value

function canonical(answers: Answers): string {
  // A field that was not asked is the same as one without an entry.
  const asked = (slot: string): boolean => answers[slot]?.state !== 'not_asked'
  const slots = Object.keys(answers).filter(asked).sort()
  return JSON.stringify(
    slots.map((slot) => [slot, answers[slot]?.state, answers[slot]?.value ?? null]),
    inOrder,
  )
}

export function openCase(next: NextCase, kept: KeptDraft | null = null): OpenCase {
  const { annotation } = next
  const opened: OpenCase = {
    next,
    answers: annotation.answers,
    dismissed: [],
    side: annotation.side,
    past: [],
    future: [],
    typing: null,
    version: annotation.version,
    savedAt: annotation.saved_at,
    save: 'saved',
    conflict: null,
    slotErrors: {},
    notice: null,
    older: kept?.older ?? [],
    restored: null,
    away: null,
    leaseLost: false,
    ...EMPTY_HAND,
    activeSlot: firstSlot(next, kept?.answers ?? annotation.answers),
    gaps: {},
    gapsAccepted: false,
    pixels: 'loading',
    pixelsSentence: null,
  }
  return kept ? restored(opened, kept) : opened
}

/** With what this machine kept: it goes on where it stopped, unless the server has a text of somebody else's. */
function restored(opened: OpenCase, kept: KeptDraft): OpenCase {
  const { annotation } = opened.next
  const past = kept.older.map((text) => ({ ...textOf(text), dismissed: [] }))
  const more = past.length > 0 ? texts.losses.restoredOlder : ''
  if (sameText(kept, annotation)) return { ...opened, past, restored: more || null }
  const ours =
    kept.version === annotation.version || kept.sent.some((sent) => sameText(sent, annotation))
  return {
    ...opened,
    ...textOf(kept),
    past,
    save: 'unsaved',
    conflict: ours ? null : annotation,
    restored: [texts.losses.restored[kept.why], more].filter(Boolean).join(' '),
  }
}

export const EMPTY_HAND = {
  item: null,
  attribute: null,
  armed: false,
  shape: null,
  segment: null,
}

/** Where the keys begin: a read that is complete is looked at, and a digit must not answer what was left open in it. */
function firstSlot({ form }: NextCase, answers: Answers): string {
  const open = openSlots(form, answers)
  const complete = !missingSlot(form, answers)
  const required = complete ? open.find(({ field }) => field.required) : undefined
  const waiting = open.find(({ slot }) => !isAnswered(answers[slot]))
  return (required ?? waiting ?? open[0])?.slot ?? ''
}

export const slotAt = (open: OpenCase, slot: string): Slot | undefined =>
  slotsOf(open.next.form).find((at) => at.slot === slot)

export const activeAt = (open: OpenCase): Slot | undefined => slotAt(open, open.activeSlot)

/** The drawing tool in the hand; null: the mouse is the window's. */
export function toolOf(open: OpenCase | null): Tool | null {
  const at = open?.armed ? activeAt(open) : undefined
  if (!at || !isRegion(at.field)) return null
  const shape = open?.shape ?? shapesOf(at.field)[0]
  return shape ? { shape, slot: at.slot } : null
}

/** A change of the answers, to be saved and to be undone. */
export function edited(
  open: OpenCase,
  change: Partial<Moment>,
  typing: string | null = null,
): OpenCase {
  return { ...changed(open, change, typing), save: 'unsaved', notice: null }
}

export function answered(open: OpenCase, slot: string, answer: Answer): OpenCase {
  const field = slotAt(open, slot)?.field
  const answers = { ...open.answers, [slot]: answer }
  const { [slot]: _fixed, ...slotErrors } = open.slotErrors
  const typing = field?.kind === 'number' ? slot : null
  const next = {
    ...edited(open, { answers }, typing),
    slotErrors,
    ...EMPTY_HAND,
    activeSlot: slot,
  }
  const settled =
    answer.state === 'not_assessable' ||
    (answer.state === 'answered' && field !== undefined && kindOf(field).final(field))
  return settled ? onward(next) : next
}

/** To the next question without an answer; one that this answer opened for drawing has its tool in the hand at once. */
function onward(open: OpenCase): OpenCase {
  const { form } = open.next
  const slots = openSlots(form, open.answers)
  const at = slots.findIndex(({ slot }) => slot === open.activeSlot)
  const waits = ({ slot }: Slot): boolean => !isAnswered(open.answers[slot])
  const next =
    slots.slice(at + 1).find(waits) ?? slots.find((one) => one.field.required && waits(one))
  if (!next) return open
  const opened = next.field.when?.field === slots[at]?.field.key
  return { ...open, activeSlot: next.slot, armed: opened && isRegion(next.field) }
}

/** Which side it is, where that is in doubt. */
export const settledAs = (open: OpenCase, side: Side): OpenCase =>
  sideDoubt(open) && open.side !== side ? edited(open, { side }) : open

function withSlotOf(open: OpenCase, before: OpenCase): OpenCase {
  const touched = slotsOf(open.next.form).find(
    ({ slot }) => open.answers[slot] !== before.answers[slot],
  )
  const activeSlot = touched?.slot ?? open.activeSlot
  return { ...open, ...EMPTY_HAND, activeSlot, save: 'unsaved', notice: null }
}

export function undone(open: OpenCase): OpenCase {
  const before = back(open)
  return before ? withSlotOf(before, open) : { ...open, notice: texts.reading.nothingToUndo }
}

export function redone(open: OpenCase): OpenCase {
  const after = forth(open)
  return after ? withSlotOf(after, open) : { ...open, notice: texts.reading.nothingToRedo }
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
  const { version, saved_at } = open.conflict
  const settled = { ...open, conflict: null, version, notice: null, slotErrors: {} }
  if (choice === 'mine') return { ...settled, save: 'unsaved' }
  return { ...changed(settled, textOf(open.conflict)), savedAt: saved_at, save: 'saved' }
}
