import type { Answers, Form } from '../api/forms'
import type { NextCase } from '../api/reading'
import type { CaseFlag } from '../api/tasks'
import { slotsOf } from '../kinds/slots'
import { texts } from '../texts'

export type Side = 'R' | 'L'

/** Fields that ask for the side itself, and what their options say; as annotation/sides.py has them. */
const ASKED = ['laterality', 'side']
const SPOKEN: Record<string, Side> = { r: 'R', right: 'R', l: 'L', left: 'L' }

interface Sided {
  next: NextCase
  answers: Answers
  side: string
}

/** Why the side is in doubt, source by source; null where it is not. */
export function sideDoubt({ next, answers, side }: Sided): string[] | null {
  const flag = next.case.flags.find(({ code }) => code === 'laterality_conflict')
  if (flag) return sourcesOf(flag)
  const { laterality } = next.case
  const said = spoken(next.form, answers).find((one) => one !== laterality)
  return laterality && (said || (side && side !== laterality))
    ? [
        texts.losses.says(texts.losses.sources.answer ?? '', word(said ?? side)),
        texts.losses.says(texts.losses.sources.case ?? '', word(laterality)),
      ]
    : null
}

const word = (side: string): string => texts.losses.sides[side] ?? side

/** "Tag says right", "file name says left"; a case of before has a sentence alone. */
function sourcesOf({ said, sentence }: CaseFlag): string[] {
  if (!said) return sentence.replace(/\.$/, '').split(', ')
  return Object.entries(said).map(([source, side]) =>
    texts.losses.says(texts.losses.sources[source] ?? source, word(side)),
  )
}

/** The side that the read is of: as the reader settled it, else as the case has it; "" where it is open. */
export const settledSide = ({ next, side }: Sided): string => side || next.case.laterality

/** Why the read cannot be submitted because of its side, as a sentence; null when it can. */
export function sideObstacle(open: Sided): string | null {
  const doubt = sideDoubt(open)
  if (!doubt) return null
  if (!open.side) return texts.losses.settleSide
  const against = spoken(open.next.form, open.answers).some((side) => side !== open.side)
  return against ? texts.losses.answerAgainstSettled(word(open.side)) : null
}

function spoken(form: Form, answers: Answers): Side[] {
  return slotsOf(form).flatMap(({ slot, field }) => {
    const value = ASKED.includes(field.key) ? answers[slot]?.value : null
    const side = typeof value === 'string' ? SPOKEN[value.toLowerCase()] : undefined
    return side ? [side] : []
  })
}
