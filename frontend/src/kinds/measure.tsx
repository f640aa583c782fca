import type { MeasureField } from '../api/forms'
import { regions } from './regions'

/** Lengths and angles, in millimetres only where the size of a pixel is known. */
export const measure = regions<MeasureField>()
