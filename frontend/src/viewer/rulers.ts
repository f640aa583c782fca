import type { Board } from './board'
import { measureOf } from './shapes'
import { isAt } from './slices'
import type { Region, Tool, ViewerListener } from './types'

/** Tells each length and angle that is shown once, and again when it was changed. */
export class Rulers {
  private readonly measured = new Map<string, string>()

  constructor(private readonly listener: ViewerListener) {}

  measure(regions: readonly Region[], boards: readonly Board[]): void {
    for (const region of regions) {
      const board = boards.find(({ pane }) => pane.slice && isAt(pane.slice, region))
      const measure = board && measureOf(region, board.pane.about?.spacing ?? null)
      if (!measure || this.measured.get(region.id) === JSON.stringify(measure)) continue
      this.measured.set(region.id, JSON.stringify(measure))
      this.listener.onMeasured?.(region.id, measure)
    }
  }
}

/** Tells what was drawn on the slice that a board shows. */
export function drawnOn(
  board: Board,
  tool: Tool,
  shape: Pick<Region, 'points' | 'runs'>,
  listener: ViewerListener,
): void {
  const { slice } = board.pane
  if (!slice) return
  const place = { image: slice.image.sop_instance_uid, frame: slice.frame }
  listener.onDrawn?.({ ...tool, ...place, ...shape })
}
