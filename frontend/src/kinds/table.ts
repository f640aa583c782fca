import type { Field } from '../api/forms'
import { boxes } from './boxes'
import { mask } from './mask'
import { measure } from './measure'
import { points } from './points'
import { polygon } from './polygon'
import { SCALARS } from './scalars'
import type { Kind } from './types'

/** One line a kind, the same names as annotation/kinds/ and training/recipes/. */
const KINDS = { ...SCALARS, boxes, points, polygon, measure, mask }

/** The field's own kind decides how it is handled, so the field always fits. */
export const kindOf = (field: Field): Kind<Field> => KINDS[field.kind] as unknown as Kind<Field>
