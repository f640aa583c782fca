import type { Answers } from '../api/forms'
import { sameAnswers } from './open'

/** What a reader wrote of a case: the answers, and the side where he settled it. */
export interface Text {
  answers: Answers
  side: string
}

export const textOf = ({ answers, side }: Text): Text => ({ answers, side })

export const sameText = (one: Text, other: Text): boolean =>
  one.side === other.side && sameAnswers(one.answers, other.answers)
