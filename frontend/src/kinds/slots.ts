import type { Answer, Answers, Field, Form } from '../api/forms'
import { kindOf } from './table'

export interface Slot {
  slot: string
  field: Field
  site: string | null
  label: string
}

/** Every answer the form asks for, in its order: a field once, or once a site. */
export function slotsOf(form: Form): Slot[] {
  return form.fields.flatMap((field): Slot[] => {
    if (field.sites.length === 0)
      return [{ slot: field.key, field, site: null, label: field.label }]
    return field.sites.map((site) => ({
      slot: `${field.key}@${site}`,
      field,
      site,
      label: `${field.label}, ${site}`,
    }))
  })
}

export const isAnswered = (answer: Answer | undefined): boolean =>
  answer !== undefined && answer.state !== 'not_asked'

/** The first required answer that is still missing. */
export const missingSlot = (form: Form, answers: Answers): Slot | undefined =>
  slotsOf(form).find(({ slot, field }) => field.required && !isAnswered(answers[slot]))

export function answerText(field: Field, answer: Answer | undefined): string {
  if (!answer || answer.state === 'not_asked') return 'no answer'
  if (answer.state === 'not_assessable') return 'not assessable'
  return kindOf(field).valueText(field, answer.value ?? '')
}

/** "2 mild"; with several fields "KL grade: 2 mild; Osteophytes: present". */
export function answersText(form: Form, answers: Answers): string {
  const slots = slotsOf(form)
  return slots
    .map(({ slot, field, label }) => {
      const text = answerText(field, answers[slot])
      return slots.length > 1 ? `${label}: ${text}` : text
    })
    .join('; ')
}
