/** How values become grey: PS3.3 C.11.2. Either a window or the file's own table. */
export type Voi = Window | Table

export interface Window {
  kind: 'window'
  name: string
  center: number
  width: number
  curve: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID'
}

export interface Table {
  kind: 'table'
  name: string
  /** The value that the first entry is for; lower ones are shown like it. */
  first: number
  bits: number
  entries: ArrayLike<number>
}

/** A point of the curve: this value is shown at this brightness, 0..1; between two of them it is straight. */
export type Node = readonly [value: number, brightness: number]

/** So many points make a curve whose straight pieces differ from it by less than a grey step. */
const CURVE_POINTS = 512
/** A sigmoid this many widths from its centre is black or white to the eye: 255 / (1 + e^(4·1.8)) < 0.2. */
const SIGMOID_REACH = 1.8

export function nodesOf(voi: Voi): Node[] {
  if (voi.kind === 'table') {
    const most = 2 ** voi.bits - 1
    return Array.from(voi.entries, (entry, at): Node => [voi.first + at, entry / most])
  }
  const { center, width, curve } = voi
  if (curve === 'SIGMOID') {
    return Array.from({ length: CURVE_POINTS }, (_, at): Node => {
      const away = ((2 * at) / (CURVE_POINTS - 1) - 1) * SIGMOID_REACH
      return [center + away * width, 1 / (1 + Math.exp(-4 * away))]
    })
  }
  const { lower, upper } = rangeOf(voi)
  return [
    [lower, 0],
    [upper, 1],
  ]
}

/** From the last black value to the first white one. */
export function rangeOf(voi: Voi): { lower: number; upper: number } {
  if (voi.kind === 'table')
    return { lower: voi.first, upper: voi.first + Math.max(1, voi.entries.length - 1) }
  const { center, width, curve } = voi
  // a width of 1 has no slope: everything from the centre on is white
  if (curve === 'LINEAR') {
    const half = Math.max((width - 1) / 2, 1e-3)
    return { lower: center - 0.5 - half, upper: center - 0.5 + half }
  }
  return { lower: center - width / 2, upper: center + width / 2 }
}

/** The window that a table is nearest to, for who goes on from it by hand. */
export function windowOf(voi: Voi): Window {
  if (voi.kind === 'window') return voi
  const { lower, upper } = rangeOf(voi)
  return {
    kind: 'window',
    name: '',
    center: (lower + upper) / 2,
    width: upper - lower,
    curve: 'LINEAR_EXACT',
  }
}

/** Brightness 0..1 of a value, by the nodes. */
export function brightness(nodes: readonly Node[], value: number): number {
  const last = nodes.length - 1
  const [lowest, dark] = nodes[0] ?? [0, 0]
  const [highest, bright] = nodes[last] ?? [0, 0]
  if (value <= lowest) return dark
  if (value >= highest) return bright
  let [low, high] = [0, last]
  while (high - low > 1) {
    const half = (low + high) >> 1
    if ((nodes[half]?.[0] ?? 0) <= value) low = half
    else high = half
  }
  const [from, a] = nodes[low] ?? [0, 0]
  const [to, b] = nodes[high] ?? [1, 0]
  return a + ((value - from) / (to - from)) * (b - a)
}

/** From the hundredth darkest to the hundredth brightest of the values. */
export function autoWindow(values: ArrayLike<number>, name: string): Window {
  const step = Math.max(1, Math.floor(values.length / 65_536))
  const sample = Float32Array.from(
    { length: Math.floor(values.length / step) },
    (_, at) => values[at * step] ?? 0,
  ).sort()
  const at = (share: number): number => sample[Math.floor(share * (sample.length - 1))] ?? 0
  const [low, high] = [at(0.01), at(0.99)]
  return {
    kind: 'window',
    name,
    center: (low + high) / 2,
    width: Math.max(high - low, 1e-3),
    curve: 'LINEAR_EXACT',
  }
}
