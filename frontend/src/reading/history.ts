import type { Answers } from '../api/forms'

/** What undo and redo bring back. */
export interface Moment {
  answers: Answers
  /** R or L where the reader settled it. */
  side: string
  /** The model's regions that the reader put aside. */
  dismissed: readonly string[]
}

export interface History extends Moment {
  /** Earlier moments; the latest is last. */
  past: readonly Moment[]
  /** Moments that were undone; the next one is last. */
  future: readonly Moment[]
  /** The slot of a number that is being typed: its digits are one change. */
  typing: string | null
}

const moment = ({ answers, side, dismissed }: Moment): Moment => ({ answers, side, dismissed })

/** A new moment; what was undone before it is gone. `typing`: goes on with the change before it. */
export function changed<H extends History>(
  held: H,
  change: Partial<Moment>,
  typing: string | null = null,
): H {
  const goesOn = typing !== null && held.typing === typing
  return {
    ...held,
    ...change,
    past: goesOn ? held.past : [...held.past, moment(held)],
    future: [],
    typing,
  }
}

export function back<H extends History>(held: H): H | null {
  const before = held.past.at(-1)
  if (!before) return null
  return {
    ...held,
    ...before,
    past: held.past.slice(0, -1),
    future: [...held.future, moment(held)],
    typing: null,
  }
}

export function forth<H extends History>(held: H): H | null {
  const after = held.future.at(-1)
  if (!after) return null
  return {
    ...held,
    ...after,
    past: [...held.past, moment(held)],
    future: held.future.slice(0, -1),
    typing: null,
  }
}
