import { cut, nearest, parallel, together } from '../geometry/planes'
import type { PixelPoint } from '../geometry/types'
import type { Board } from './board'
import { aboutOf } from './headers'
import type { StackPane } from './pane'

const planesOf = (pane: StackPane) =>
  pane.slices.map(({ image, frame }) => aboutOf(image, frame).plane)

/** Brings the parallel stacks to the slice that lies nearest to the one of `leader`. */
export function follow(leader: Board, boards: readonly Board[]): void {
  const plane = planesOf(leader.pane)[leader.pane.index]
  if (!plane) return
  for (const { pane } of boards) {
    if (pane === leader.pane) continue
    const planes = planesOf(pane)
    const [first] = planes
    if (!first || !together(plane, first) || !parallel(plane, first)) continue
    const to = nearest(plane, planes)
    if (to >= 0) pane.goTo(to)
  }
}

/** Where the slice of `active` cuts that of `board`; none between parallel ones. */
export function crossing(
  board: Board,
  active: Board | undefined,
): readonly (readonly [PixelPoint, PixelPoint])[] {
  const [plane, other] = [board.pane.about?.plane, active?.pane.about?.plane]
  if (board === active || !plane || !other || !together(plane, other) || parallel(plane, other))
    return []
  const line = cut(plane, other)
  return line ? [line] : []
}
