import type { Answer, AnswerValue, Field } from '../api/forms'

/** A value as an answer; nothing chosen of many is one only where the field says so, elsewhere the question is open again. */
export function answerWith(field: Field, value: AnswerValue): Answer {
  const empty = Array.isArray(value) && value.length === 0
  if (empty && field.kind === 'choice' && !field.may_be_empty)
    return { state: 'not_asked', value: null }
  return { state: 'answered', value }
}
