import type { Field, ScalarField } from '../api/forms'
import { choice } from './choice'
import { grade } from './grade'
import { number } from './number'
import { presence } from './presence'
import type { Kind } from './types'

/** The kinds that may also be asked of one item. */
export const SCALARS = { presence, grade, choice, number }

export const scalarOf = (field: ScalarField): Kind<Field> =>
  SCALARS[field.kind] as unknown as Kind<Field>
