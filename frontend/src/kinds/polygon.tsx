import type { PolygonField } from '../api/forms'
import { regions } from './regions'

/** Outlines of three corners or more. */
export const polygon = regions<PolygonField>()
