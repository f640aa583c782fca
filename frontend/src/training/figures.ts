import type { Field } from '../api/forms'
import type { Estimate, ModelVersion } from '../api/training'
import { unitText } from '../kinds/words'
import { texts } from '../texts'

const two = (value: number): string => value.toFixed(2)

/** "0.64 (0.50–0.75)"; a dash where nothing was measured. */
export function estimateText(estimate: Estimate | null | undefined): string {
  if (estimate?.value === null || estimate?.value === undefined) return texts.office.none
  const { value, low, high } = estimate
  return low === null || high === null ? two(value) : `${two(value)} (${two(low)}–${two(high)})`
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`

/** "+0.031 (−0.010 … +0.072)": a difference. */
export function signedText({ value, low, high }: Estimate): string {
  if (value === null) return texts.office.none
  if (low === null || high === null) return signed(value)
  return `${signed(value)} (${signed(low)} … ${signed(high)})`
}

/** "+0.31 (+0.10 … +0.52)": a difference in the field's own unit. */
export function differenceText({ value, low, high }: Estimate): string {
  if (value === null) return texts.office.none
  const two = (of: number): string => `${of < 0 ? '−' : '+'}${Math.abs(of).toFixed(2)}`
  return low === null || high === null ? two(value) : `${two(value)} (${two(low)} … ${two(high)})`
}

/** Old cards have plain numbers where there is an interval now. */
export const estimateOf = (of: Estimate | number): Estimate =>
  typeof of === 'number' ? { value: of, low: null, high: null } : of

/** Figures that are in the unit of what was asked. */
const IN_UNIT = ['mae', 'rmse']

/** What the values of a field are counted in, as words; empty where that says nothing. */
export function unitOf(field: Field | undefined): string {
  if (field?.kind === 'grade') return texts.training.grades
  return field?.kind === 'number' && field.unit !== '1' ? unitText(field.unit) : ''
}

/** With its unit where it has one: "Mean absolute error (mm)". */
export function figureName(metric: string, field?: Field): string {
  const name = texts.training.figures[metric] ?? metric
  const unit = IN_UNIT.includes(metric) ? unitOf(field) : ''
  return unit ? texts.training.inUnit(name, unit) : name
}

interface MainFigure {
  slot: string
  name: string
  estimate: Estimate | null
}

/** The main figure of each measured slot. */
export function mainFigures({ slots }: ModelVersion): MainFigure[] {
  return Object.entries(slots).flatMap(([slot, { metric, metrics }]) => {
    const estimate = metrics?.[metric as 'qwk' | 'auc']
    return estimate ? [{ slot, name: figureName(metric), estimate }] : []
  })
}

/** The figure that stands for a version: that of its first measured slot. */
export function mainFigure(model: ModelVersion): MainFigure {
  const [slot, first] = Object.entries(model.slots)[0] ?? ['', undefined]
  const none = { slot, name: figureName(first?.metric ?? ''), estimate: null }
  return mainFigures(model)[0] ?? none
}

export const COLORS: Record<ModelVersion['state'], string> = {
  current: 'teal',
  candidate: 'gray',
  retired: 'gray',
  refused: 'amber',
  deleted: 'gray',
}

export const currentOf = (models: ModelVersion[]): ModelVersion | undefined =>
  models.find((model) => model.state === 'current')

/** A curve of found places by false marks as far as `most`: whoever puts up with more false marks than there are finds as many. */
export function carriedOn(curve: [number, number][], most: number): [number, number][] {
  const shown = curve.filter(([wrong]) => wrong <= most)
  const last = shown.at(-1)
  return last && last[0] < most ? [...shown, [most, last[1]]] : shown
}
