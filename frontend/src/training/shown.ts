import type { Field } from '../api/forms'
import type { Metrics } from '../api/training'

/** What a table or plot of a slot's kind is drawn of. */
export interface Shown {
  metrics: Metrics
  /** What the classes are called, in their order. */
  names: string[]
  /** As the model learned it. */
  field: Field | undefined
}
