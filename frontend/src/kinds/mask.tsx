import type { MaskField } from '../api/forms'
import { regions } from './regions'

/** Painted pixels, one item a segment and slice. */
export const mask = regions<MaskField>()
