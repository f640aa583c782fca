import type { Answer, Field } from '../api/forms'
import { definitionOf, helpOf } from '../kinds/words'
import { itemAt } from './items'
import { activeAt, type OpenCase } from './open'
import { attributeAt } from './stops'

function chosenDefinition(field: Field, answer: Answer | undefined): string {
  if (answer?.state !== 'answered') return ''
  if (field.kind === 'grade') {
    const grade = field.grades.find(({ value }) => value === answer.value)
    return grade ? definitionOf(grade) : ''
  }
  if (field.kind !== 'choice' || field.many) return ''
  const option = field.options.find(({ value }) => value === answer.value)
  return option ? definitionOf(option) : ''
}

/** What helps with the question that has the keys: what its answer means, else what is asked. */
export function definitionNow(open: OpenCase): string {
  const at = activeAt(open)
  if (!at) return ''
  const attribute = attributeAt(open, at)
  if (!attribute) return chosenDefinition(at.field, open.answers[at.slot]) || helpOf(at.field)
  const value = itemAt(open, open.item)?.attributes?.[attribute.key]
  const answer: Answer | undefined = value === undefined ? undefined : { state: 'answered', value }
  return chosenDefinition(attribute, answer) || helpOf(attribute)
}
