import type { Answer, Answers, Item } from '../api/forms'
import type { ShownPrediction } from '../api/reading'
import { isRegion, itemsOf } from '../kinds/items'
import { isAnswered, isOpen, type Slot, slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import { itemAt, slotOfItem, suggestionsOf, withParents } from './items'
import { activeAt, answered, EMPTY_HAND, edited, type OpenCase, sameAnswers } from './open'

const plain = ({ score: _score, ...item }: Item): Item => item as Item

/** The answer that the model proposes for a slot, with what the reader has already; undefined where it says nothing more. */
function proposed(open: OpenCase, at: Slot, prediction: ShownPrediction): Answer | undefined {
  const said = prediction.slots[at.slot]
  if (!said) return undefined
  if (!isRegion(at.field)) return { state: 'answered', value: said.value }
  const own = itemsOf(open.answers[at.slot])
  const more = suggestionsOf(open, at)
  const none = Array.isArray(said.value) && said.value.length === 0
  if (more.length === 0 && !none) return undefined
  return { state: 'answered', value: [...own, ...more.map(plain)] }
}

/** Takes the model's proposal for the active field; with one of its regions selected, that region alone. */
export function accepted(open: OpenCase): OpenCase {
  const item = itemAt(open, open.item)
  if (item) return acceptedItem(open, item.id)
  const at = activeAt(open)
  const { prediction } = open.next
  const answer = at && prediction ? proposed(open, at, prediction) : undefined
  return at && answer ? answered(open, at.slot, answer) : open
}

export function acceptedItem(open: OpenCase, id: string): OpenCase {
  const at = slotOfItem(open, id)
  const item = at && suggestionsOf(open, at).find((one) => one.id === id)
  if (!at || !item) return open
  const value = [...itemsOf(open.answers[at.slot]), plain(item)]
  const answers: Answers = {
    ...withParents(open, open.answers, at),
    [at.slot]: { state: 'answered', value },
  }
  return { ...edited(open, { answers }), activeSlot: at.slot, item: id, attribute: null }
}

/** The first question that the reader answered in his own way where the model proposes another answer. */
export function contradiction(open: OpenCase): Slot | undefined {
  const { form, prediction } = open.next
  return slotsOf(form).find((at) => {
    const said = prediction?.slots[at.slot]
    const own = open.answers[at.slot]
    if (!said || !isAnswered(own) || isRegion(at.field)) return false
    const theirs: Answer = { state: 'answered', value: said.value }
    return !sameAnswers({ at: own as Answer }, { at: theirs })
  })
}

/** Takes all that the model proposes where the reader has said nothing yet, as one change; his own answers stay. */
export function acceptedAll(open: OpenCase): OpenCase {
  const { form, prediction } = open.next
  if (!prediction) return open
  const otherwise = contradiction(open)
  if (otherwise)
    return {
      ...open,
      ...EMPTY_HAND,
      activeSlot: otherwise.slot,
      notice: texts.reading.otherwise(otherwise.label),
    }
  const answers = { ...open.answers }
  for (const at of slotsOf(form)) {
    const own = answers[at.slot]
    const taken = isAnswered(own) && (!isRegion(at.field) || own?.state === 'not_assessable')
    const answer = taken ? undefined : proposed(open, at, prediction)
    if (answer && isOpen(form, answers, at)) answers[at.slot] = answer
  }
  return sameAnswers(answers, open.answers) ? open : { ...edited(open, { answers }), ...EMPTY_HAND }
}
