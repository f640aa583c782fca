import type { Form } from '../api/forms'
import type { GateVerdict } from '../api/training'
import { slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'

/** Why the gate let a version pass or not: a sentence for each answer that decided, named where several were judged. */
export function gateText({ reason, answers = 1, reasons = [] }: GateVerdict, form: Form): string {
  const labels = new Map(slotsOf(form).map(({ slot, label }) => [slot, label]))
  const said = reasons.map((one) => {
    const sentence = serverSaid(one, one.reason)
    return Math.max(answers, reasons.length) > 1
      ? texts.office.told(labels.get(one.slot) ?? one.slot, sentence)
      : sentence
  })
  return said.join(' ') || reason
}
