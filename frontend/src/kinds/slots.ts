import type { Answer, Answers, Field, Form } from '../api/forms'
import { texts } from '../texts'
import { attributesOf, isRegion, itemsOf } from './items'
import { kindOf } from './table'
import { labelOf, siteText } from './words'

export interface Slot {
  slot: string
  field: Field
  site: string | null
  label: string
}

const sited = (name: string, field: Field, site: string | null): string =>
  site === null ? name : `${name}, ${siteText(field, site)}`

const slotOf = (field: Field, site: string | null): Slot => {
  const slot = site === null ? field.key : `${field.key}@${site}`
  return { slot, field, site, label: sited(labelOf(field), field, site) }
}

/** So many characters of a question's name stand on an image. */
const SHORT = 20

/** Its name where there is little room: the question cut short, the site whole. */
export function shortLabel({ field, site }: Slot): string {
  const letters = [...labelOf(field)]
  const cut = letters
    .slice(0, SHORT - 1)
    .join('')
    .trimEnd()
  return sited(letters.length > SHORT ? `${cut}…` : letters.join(''), field, site)
}

/** A field asked of the same site as the field that opens it. */
const follows = (child: Field, parent: Field, site: string): boolean =>
  child.when?.field === parent.key && child.sites.includes(site) && parent.sites.includes(site)

/**
 * Every answer the form asks for: a field once, or once a site. What depends on the answer for one site comes right
 * after it, so that one side is read to its end before the other.
 */
export function slotsOf(form: Form): Slot[] {
  const { fields } = form
  const withThose = (field: Field, site: string): Slot[] => [
    slotOf(field, site),
    ...fields.filter((child) => follows(child, field, site)).flatMap((one) => withThose(one, site)),
  ]
  return fields.flatMap((field) => {
    if (field.sites.length === 0) return [slotOf(field, null)]
    const own = field.sites.filter((site) => !fields.some((one) => follows(field, one, site)))
    return own.flatMap((site) => withThose(field, site))
  })
}

/** The slots whose answer opens this one: of the same site where the parent has it, else all of the parent's. */
export function parentsOf(form: Form, { field, site }: Slot): Slot[] {
  const { when } = field
  if (!when) return []
  const all = slotsOf(form).filter((other) => other.field.key === when.field)
  const same = all.filter((other) => site !== null && other.site === site)
  return same.length > 0 ? same : all
}

function says(answer: Answer | undefined, wanted: (string | number)[]): boolean {
  if (answer?.state !== 'answered') return false
  const { value } = answer
  const said = Array.isArray(value) ? (value as string[]) : [value]
  return said.some((one) => wanted.includes(one as string | number))
}

/** Whether a slot is asked now: it has no condition, or an open parent that is answered with one of its values. */
export function isOpen(form: Form, answers: Answers, at: Slot): boolean {
  const { when } = at.field
  if (!when) return true
  return parentsOf(form, at).some(
    (parent) => says(answers[parent.slot], when.is) && isOpen(form, answers, parent),
  )
}

export const openSlots = (form: Form, answers: Answers): Slot[] =>
  slotsOf(form).filter((at) => isOpen(form, answers, at))

/** The slot that the regions of this one say more of, on the same side. */
export function linkOf({ field, site }: Slot): string | null {
  if (!isRegion(field) || !field.link) return null
  return site === null ? field.link.field : `${field.link.field}@${site}`
}

export const isAnswered = (answer: Answer | undefined): boolean =>
  answer !== undefined && answer.state !== 'not_asked'

/** As a submitted read has them: what was closed was not asked, whatever was tried in between. */
export function asSubmitted(form: Form, answers: Answers): Answers {
  const closed = slotsOf(form).filter((at) => !isOpen(form, answers, at))
  const notAsked = closed.map(({ slot }) => [slot, { state: 'not_asked' as const }])
  return { ...answers, ...Object.fromEntries(notAsked) }
}

/** The first required answer that is still missing. */
export const missingSlot = (form: Form, answers: Answers): Slot | undefined =>
  openSlots(form, answers).find(({ slot, field }) => field.required && !isAnswered(answers[slot]))

interface Unfinished {
  at: Slot
  sentence: string
  /** The item that lacks something. */
  item: string | null
}

/** The first list of regions that its field would not take: too few of them, or one without what it must tell. */
export function unfinished(form: Form, answers: Answers): Unfinished | undefined {
  for (const at of openSlots(form, answers)) {
    const { field, slot, label } = at
    if (!isRegion(field) || answers[slot]?.state !== 'answered') continue
    const items = itemsOf(answers[slot])
    if (items.length < (field.minimum ?? 0))
      return { at, item: null, sentence: texts.kinds.tooFew(label, field.minimum ?? 0) }
    const wanted = attributesOf(field).filter(({ required }) => required)
    for (const [index, item] of items.entries()) {
      const lacking = wanted.find(({ key }) => item.attributes?.[key] === undefined)
      if (lacking)
        return {
          at,
          item: item.id,
          sentence: texts.kinds.lacks(label, index + 1, labelOf(lacking)),
        }
    }
  }
  return undefined
}

export function answerText(field: Field, answer: Answer | undefined): string {
  if (!answer || answer.state === 'not_asked') return texts.kinds.noAnswer
  if (answer.state === 'not_assessable') return texts.reading.notAssessable
  return kindOf(field).valueText(field, answer.value ?? '')
}

/** "2 mild"; with several fields "KL grade: 2 mild; Osteophytes: present", without those that were not asked. */
export function answersText(form: Form, answers: Answers): string {
  const slots = slotsOf(form)
  const [only] = slots
  if (only && slots.length === 1) return answerText(only.field, answers[only.slot])
  const asked = slots.filter(({ slot }) => isAnswered(answers[slot]))
  const said = asked.map(
    ({ slot, field, label }) => `${label}: ${answerText(field, answers[slot])}`,
  )
  return said.join('; ') || texts.kinds.noAnswer
}
