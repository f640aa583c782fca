import type { PointsField } from '../api/forms'
import { regions } from './regions'

/** Points on any image of the case. */
export const points = regions<PointsField>()
