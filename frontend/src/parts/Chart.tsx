import { type ReactNode, useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { FONT } from '../theme'
import styles from './Chart.module.css'

export interface Line {
  label: string
  /** A CSS variable. */
  color: string
  values: (number | null)[]
  low?: (number | null)[]
  high?: (number | null)[]
  dash?: number[]
  scale?: 'y' | 'right'
  /** A line to compare with: no points on it. */
  bare?: boolean
  /** Points without a line between them. */
  dots?: boolean
}

interface ChartProps {
  x: number[]
  xLabel: string
  yLabel: string
  rightLabel?: string
  lines: Line[]
  range?: [number, number]
  /** From 0 to a little beyond the last point unless given. */
  xRange?: [number, number]
  /** What stands across the chart at an x, in its own words. */
  marks?: { x: number; label: string }[]
  /** Let x have steps below one. */
  fractions?: boolean
  height?: number
  testId?: string
}

const HEIGHT = 280
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]

const color = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** By how much the page's words are larger: a canvas in a zoomed page would be blurred, and its pointer beside the point. */
const grown = (): number => Number(color('--osteon-scale')) || 1

function seriesOf(line: Line, at: number): { series: uPlot.Series[]; band: uPlot.Band | null } {
  const stroke = color(line.color)
  const shared = { scale: line.scale ?? 'y' }
  const main: uPlot.Series = {
    ...shared,
    label: line.label,
    stroke,
    width: (line.bare ? 1 : 2) * grown(),
    ...(line.dots ? { paths: () => null } : {}),
    dash: line.dash,
    spanGaps: true,
    points: { show: !line.bare, size: (line.dots ? 5 : 8) * grown(), fill: stroke },
  }
  if (!line.low || !line.high) return { series: [main], band: null }
  const edge = (label: string): uPlot.Series => ({
    ...shared,
    label,
    stroke: 'transparent',
    points: { show: false },
    spanGaps: true,
  })
  return {
    series: [main, edge(`${line.label} from`), edge('to')],
    band: { series: [at + 2, at + 1], fill: `${stroke}26` },
  }
}

const SIDE = { x: 2, y: 3, right: 1 } as const

function axis(label: string, scale: keyof typeof SIDE): uPlot.Axis {
  const font = `${12 * grown()}px ${FONT}`
  return {
    scale,
    side: SIDE[scale],
    label,
    labelSize: 20 * grown(),
    size: (scale === 'x' ? 28 : 48) * grown(),
    labelFont: font,
    font,
    stroke: color('--osteon-quiet'),
    grid: { show: scale !== 'right', stroke: color('--osteon-line'), width: 1 },
    ticks: { show: false },
  }
}

/** The interval of each point, so that a lone point shows its own as well. */
function drawWhiskers(plot: uPlot, { x, lines }: ChartProps): void {
  const { ctx } = plot
  ctx.save()
  ctx.lineWidth = devicePixelRatio * grown()
  for (const { color: name, low, high, bare } of lines) {
    if (bare) continue
    ctx.strokeStyle = color(name)
    x.forEach((value, at) => {
      const [from, to] = [low?.[at], high?.[at]]
      if (typeof from !== 'number' || typeof to !== 'number') return
      const column = plot.valToPos(value, 'x', true)
      ctx.beginPath()
      ctx.moveTo(column, plot.valToPos(from, 'y', true))
      ctx.lineTo(column, plot.valToPos(to, 'y', true))
      ctx.stroke()
    })
  }
  ctx.restore()
}

/** A line down the chart with its words beside it. */
function drawMarks(plot: uPlot, { marks = [] }: ChartProps): void {
  const { ctx, bbox } = plot
  const scale = devicePixelRatio * grown()
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = color('--osteon-quiet')
  ctx.lineWidth = scale
  ctx.font = `${12 * scale}px ${FONT}`
  ctx.textBaseline = 'top'
  for (const { x, label } of marks) {
    const column = plot.valToPos(x, 'x', true)
    ctx.beginPath()
    ctx.moveTo(column, bbox.top)
    ctx.lineTo(column, bbox.top + bbox.height)
    ctx.stroke()
    ctx.fillText(label, column + 6 * scale, bbox.top + 4 * scale)
  }
  ctx.restore()
}

function options(
  props: ChartProps,
  width: number,
  onPoint: (at: number | null) => void,
): uPlot.Options {
  const series: uPlot.Series[] = [{ label: props.xLabel }]
  const bands: uPlot.Band[] = []
  for (const line of props.lines) {
    const made = seriesOf(line, series.length)
    series.push(...made.series)
    if (made.band) bands.push(made.band)
  }
  const { range } = props
  const last = props.x.at(-1) ?? 1
  const whole = !props.fractions && ((props.xRange?.[1] ?? last) > 1 || !props.xRange)
  return {
    width,
    height: heightOf(props),
    series,
    bands,
    scales: {
      x: { time: false, range: props.xRange ?? [0, last * 1.08] },
      ...(range ? { y: { range } } : {}),
      // a figure from 0 to 1: its own points alone would stretch to a scale of any size
      right: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, high ?? 1)] },
    },
    axes: [
      { ...axis(props.xLabel, 'x'), ...(whole ? { incrs: WHOLE_STEPS } : {}) },
      axis(props.yLabel, 'y'),
      ...(props.rightLabel ? [axis(props.rightLabel, 'right')] : []),
    ],
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    hooks: {
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
      draw: [(plot) => drawWhiskers(plot, props), (plot) => drawMarks(plot, props)],
    },
  }
}

const heightOf = ({ height = HEIGHT }: ChartProps): number => height * grown()

const columns = (props: ChartProps): uPlot.AlignedData =>
  [
    props.x,
    ...props.lines.flatMap((line) =>
      line.low && line.high ? [line.values, line.low, line.high] : [line.values],
    ),
  ] as uPlot.AlignedData

const two = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : value.toFixed(2)

/** Counts as they are, shares by two digits. */
const coordinate = (value: number | undefined): string =>
  value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toFixed(2)

/** "0.64 (0.50–0.75)" at one point, or nothing where the line has none. */
function valueAt(line: Line, at: number): string {
  const value = two(line.values[at])
  const [low, high] = [two(line.low?.[at]), two(line.high?.[at])]
  return value && low && high ? `${value} (${low}–${high})` : value
}

/** What each line is; with the mouse on the chart, its values there. */
function Legend({ props, at }: { props: ChartProps; at: number | null }): ReactNode {
  return (
    <div className={`${styles.legend} figures`}>
      <span className={styles.at}>
        {at !== null && `${props.xLabel} ${coordinate(props.x[at])}`}
      </span>
      {props.lines.map((line) => (
        <span key={line.label} className={styles.entry}>
          <svg width="24" height="8" aria-hidden="true">
            {line.dots ? (
              <circle cx="12" cy="4" r="3" fill={`var(${line.color})`} />
            ) : (
              <line
                x1="0"
                x2="24"
                y1="4"
                y2="4"
                stroke={`var(${line.color})`}
                strokeWidth="2"
                strokeDasharray={line.dash?.join(' ')}
              />
            )}
          </svg>
          {line.label} {at !== null && valueAt(line, at)}
        </span>
      ))}
    </div>
  )
}

/** Lines with their intervals as bands; redrawn when the data or the width change. */
export function Chart(props: ChartProps): ReactNode {
  const holder = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState<number | null>(null)
  const drawn = JSON.stringify(props)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `drawn` stands for every entry of props
  useEffect(() => {
    const element = holder.current
    if (!element) return
    const plot = new uPlot(options(props, element.clientWidth, setAt), columns(props), element)
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: heightOf(props) }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [drawn])
  return (
    <div data-testid={props.testId}>
      <div ref={holder} className={styles.plot} style={{ minHeight: heightOf(props) }} />
      <Legend props={props} at={at} />
    </div>
  )
}
