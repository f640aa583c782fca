import { type ReactNode, useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { FONT } from '../theme'

export interface Line {
  label: string
  /** A CSS variable. */
  color: string
  values: (number | null)[]
  low?: (number | null)[]
  high?: (number | null)[]
  dash?: number[]
  /** Values without a line between them. */
  scale?: 'y' | 'right'
}

interface ChartProps {
  x: number[]
  xLabel: string
  yLabel: string
  rightLabel?: string
  lines: Line[]
  range?: [number, number]
  height?: number
  testId?: string
}

const AXIS_FONT = `12px ${FONT}`

const color = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function seriesOf(line: Line, at: number): { series: uPlot.Series[]; band: uPlot.Band | null } {
  const stroke = color(line.color)
  const shared = { scale: line.scale ?? 'y' }
  const main: uPlot.Series = {
    ...shared,
    label: line.label,
    stroke,
    width: 2,
    dash: line.dash,
    spanGaps: true,
    points: { show: true, size: 8, fill: stroke },
    value: (_plot, value) => (value === null || value === undefined ? '–' : value.toFixed(3)),
  }
  if (!line.low || !line.high) return { series: [main], band: null }
  const edge = (label: string): uPlot.Series => ({
    ...shared,
    label,
    stroke: 'transparent',
    points: { show: false },
    spanGaps: true,
    value: (_plot, value) => (value === null || value === undefined ? '–' : value.toFixed(3)),
  })
  return {
    series: [main, edge(`${line.label} from`), edge('to')],
    band: { series: [at + 2, at + 1], fill: `${stroke}26` },
  }
}

function axis(label: string, scale: string, side?: 1): uPlot.Axis {
  return {
    scale,
    side,
    label,
    labelSize: 24,
    labelFont: AXIS_FONT,
    font: AXIS_FONT,
    stroke: color('--osteon-quiet'),
    grid: { show: side !== 1, stroke: color('--osteon-line'), width: 1 },
    ticks: { show: false },
  }
}

function options(props: ChartProps, width: number): uPlot.Options {
  const series: uPlot.Series[] = [{ label: props.xLabel }]
  const bands: uPlot.Band[] = []
  for (const line of props.lines) {
    const made = seriesOf(line, series.length)
    series.push(...made.series)
    if (made.band) bands.push(made.band)
  }
  const { range } = props
  const first = props.x[0] ?? 0
  const last = props.x.at(-1) ?? 1
  const margin = Math.max(1, (last - first) * 0.04)
  return {
    width,
    height: props.height ?? 280,
    series,
    bands,
    scales: {
      x: { time: false, range: [first - margin, last + margin] },
      ...(range ? { y: { range } } : {}),
    },
    axes: [
      {
        ...axis(props.xLabel, 'x'),
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
      },
      axis(props.yLabel, 'y'),
      ...(props.rightLabel ? [axis(props.rightLabel, 'right', 1)] : []),
    ],
    legend: { show: true },
    cursor: { drag: { x: false, y: false } },
  }
}

const columns = (props: ChartProps): uPlot.AlignedData =>
  [
    props.x,
    ...props.lines.flatMap((line) =>
      line.low && line.high ? [line.values, line.low, line.high] : [line.values],
    ),
  ] as uPlot.AlignedData

/** Lines with their intervals as bands; redrawn when the data or the width change. */
export function Chart(props: ChartProps): ReactNode {
  const holder = useRef<HTMLDivElement>(null)
  const drawn = JSON.stringify(props)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `drawn` stands for every entry of props
  useEffect(() => {
    const element = holder.current
    if (!element) return
    const plot = new uPlot(options(props, element.clientWidth), columns(props), element)
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: props.height ?? 280 }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [drawn])
  return <div ref={holder} data-testid={props.testId} />
}
