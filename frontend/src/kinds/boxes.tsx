import type { BoxesField } from '../api/forms'
import { regions } from './regions'

/** Boxes on any image of the case, each with its attributes. */
export const boxes = regions<BoxesField>()
