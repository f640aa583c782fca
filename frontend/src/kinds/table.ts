import type { Field } from '../api/forms'
import { grade } from './grade'
import { presence } from './presence'
import type { Kind } from './types'

/** One line a kind, the same names as annotation/kinds/ and training/recipes/. */
const KINDS = { grade, presence }

/** The field's own kind decides how it is handled, so the field always fits. */
export const kindOf = (field: Field): Kind<Field> => KINDS[field.kind] as unknown as Kind<Field>
