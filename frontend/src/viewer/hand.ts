import { clamped } from '../geometry/regions'
import type { PixelPoint } from '../geometry/types'
import type { Board } from './board'
import { Drawing, moved, reshaped } from './drawing'
import { Lens } from './lens'
import { Notches, shareOfNotch } from './notches'
import { Painting, underBrush } from './painting'
import type { Region, Tool } from './types'

const [LEFT, MIDDLE, RIGHT] = [0, 1, 2]
/** Dragging so far doubles the window, or moves the level by its width. */
const WINDOW_PIXELS = 300
const ZOOM_STEP = 1.2
const ZOOM_PIXELS = 200
const DRAG_PIXELS = 3

/** What the hands on all boards have in common, and whom they tell. */
export interface Desk {
  tool: Tool | null
  panning: boolean
  magnifying: boolean
  /** Of the brush, in pixels of the image; 0: what suits the image. */
  radius: number
  regions: readonly Region[]
  activate: (board: Board) => void
  step: (board: Board, by: number) => void
  toggleMaximised: (board: Board) => void
  drawn: (board: Board, points: readonly PixelPoint[], tool: Tool) => void
  /** `before`: the mask that the stroke changed; undefined: it is a new one. */
  painted: (board: Board, runs: readonly number[], tool: Tool, before: Region | undefined) => void
  edited: (id: string, points: readonly PixelPoint[]) => void
  selected: (id: string | null) => void
  /** A press that did not move, and was about no region. */
  pointed: (board: Board, point: PixelPoint) => void
}

interface Drag {
  move: (event: PointerEvent) => void
  up?: (event: PointerEvent) => void
}

/** The mouse on one board. */
export class Hand {
  private drag: Drag | null = null
  private drawing: Drawing | null = null
  /** The tool that `drawing` draws with. */
  private armed: Tool | null = null
  private lens: Lens | null = null
  private readonly notches = new Notches()
  private readonly gone = new AbortController()

  constructor(
    private readonly board: Board,
    private readonly desk: Desk,
  ) {
    const { root } = board
    const { signal } = this.gone
    root.addEventListener('pointerdown', this.down, { signal })
    root.addEventListener('pointermove', this.move, { signal })
    root.addEventListener('pointerup', this.up, { signal })
    root.addEventListener('pointercancel', this.up, { signal })
    root.addEventListener('wheel', this.wheel, { signal, passive: false })
    root.addEventListener('dblclick', this.double, { signal })
    root.addEventListener('pointerleave', this.dropLens, { signal })
  }

  /** The desk's tool or regions changed. */
  changed(): void {
    const { tool } = this.desk
    this.board.svg.toggleAttribute('data-armed', tool !== null && !this.board.prior)
    this.board.dragged = null
    if (this.drawing && this.armed !== tool) this.drop()
    if (!this.desk.magnifying) this.dropLens()
  }

  /**
   * Enter closes what is being drawn, Escape drops it; true where there was something to close or drop. A lone corner of a
   * box was a slip of the hand: Enter drops it, and goes on to do what it does without it.
   */
  key(key: 'Enter' | 'Escape'): boolean {
    if (!this.drawing?.begun(this.board)) return false
    const slip = key === 'Enter' && ['box', 'length'].includes(this.drawing.tool.shape)
    if (key === 'Escape' || slip) this.drop()
    else this.drawing.close(this.board)
    this.show()
    return !slip
  }

  private drop(): void {
    this.drawing?.cancel()
    this.drawing = null
    this.show()
  }

  private show(): void {
    this.board.sketch = this.drawing?.sketch ?? null
    this.board.refreshSoon()
  }

  private readonly down = (event: PointerEvent): void => {
    this.desk.activate(this.board)
    if (this.drag || !this.board.pane.slice) return
    this.drag = this.dragFor(event)
    if (this.drag) this.board.root.setPointerCapture(event.pointerId)
  }

  private dragFor(event: PointerEvent): Drag | null {
    if (event.button === MIDDLE || (event.button === LEFT && this.desk.panning)) return this.pan()
    if (event.button === RIGHT) return this.zoom(event)
    if (event.button !== LEFT) return null
    const { target } = event
    const { dataset } = target instanceof SVGElement ? target : { dataset: {} as DOMStringMap }
    const { handle, of = dataset.id } = dataset
    if (of !== undefined && this.grabs(of))
      return this.edit(event, of, handle === undefined ? null : Number(handle))
    if (this.desk.tool && !this.board.prior) return this.draw(event, this.desk.tool)
    return this.window()
  }

  /** A tool draws, whatever lies under it; but a point that stands can be moved before the next is set. */
  private grabs(id: string): boolean {
    const { tool, regions } = this.desk
    if (!tool) return true
    return tool.shape === 'point' && regions.some((one) => one.id === id && one.slot === tool.slot)
  }

  private readonly move = (event: PointerEvent): void => {
    if (this.drag) this.drag.move(event)
    else if (this.drawing) {
      this.drawing.move(event, this.board)
      this.show()
    } else if (this.desk.magnifying) {
      this.lens ??= new Lens(this.board)
      this.lens.moveTo(this.board.pointAt(event))
    }
  }

  private readonly up = (event: PointerEvent): void => {
    const { drag } = this
    this.drag = null
    drag?.up?.(event)
  }

  private readonly dropLens = (): void => {
    this.lens?.remove()
    this.lens = null
  }

  private readonly double = (event: MouseEvent): void => {
    if (this.drawing?.begun(this.board)) this.drawing.close(this.board)
    else if (!this.desk.tool && !(event.target as Element).closest('[data-id]'))
      this.desk.toggleMaximised(this.board)
    this.show()
  }

  private readonly wheel = (event: WheelEvent): void => {
    event.preventDefault()
    if (event.deltaY === 0) return
    this.desk.activate(this.board)
    const { board } = this
    if (board.pane.slices.length > 1 && !event.ctrlKey) {
      const by = this.notches.step(event)
      if (by) this.desk.step(board, by)
    } else board.pane.zoomBy(ZOOM_STEP ** -shareOfNotch(event), board.pointAt(event))
  }

  // --- what a drag does ----------------------------------------------------------------------

  private pan(): Drag {
    return { move: ({ movementX, movementY }) => this.board.pane.panBy(movementX, movementY) }
  }

  private zoom(event: PointerEvent): Drag {
    const at = this.board.pointAt(event)
    const move = ({ movementY }: PointerEvent): void =>
      this.board.pane.zoomBy(2 ** (-movementY / ZOOM_PIXELS), at)
    return { move }
  }

  /** Right: wider, less contrast. Down: brighter. A press that does not move lets go of what is selected. */
  private window(): Drag {
    let way = 0
    return {
      move: ({ movementX, movementY }) => {
        way += Math.abs(movementX) + Math.abs(movementY)
        this.board.pane.windowBy(2 ** (movementX / WINDOW_PIXELS), -movementY / WINDOW_PIXELS)
      },
      up: (event) => {
        if (way >= DRAG_PIXELS) return
        if (this.desk.regions.some(({ selected }) => selected)) this.desk.selected(null)
        this.desk.pointed(this.board, this.board.pixelAt(event))
      },
    }
  }

  private draw(event: PointerEvent, tool: Tool): Drag {
    const { shape } = tool
    if (shape === 'mask') return this.paint(event, tool)
    if (!this.drawing || this.armed !== tool)
      this.drawing = new Drawing({ ...tool, shape }, (points) =>
        this.desk.drawn(this.board, points, tool),
      )
    this.armed = tool
    const { drawing } = this
    drawing.down(event, this.board)
    this.show()
    return {
      move: (moving) => {
        drawing.move(moving, this.board)
        this.show()
      },
      up: (lifted) => {
        drawing.up(lifted, this.board)
        this.show()
      },
    }
  }

  private paint(event: PointerEvent, tool: Tool): Drag {
    const { board, desk } = this
    const radius = (): number => desk.radius || Math.max(1, board.columns / 60)
    const before = underBrush(desk.regions, tool, board.pane.slice)
    const painting = new Painting(tool, radius, (runs) => desk.painted(board, runs, tool, before))
    const wet = (): void => {
      board.wet = painting.wet
      board.refreshSoon()
    }
    painting.down(event, board, before?.runs ?? [])
    wet()
    const move = (moving: PointerEvent): void => {
      painting.move(moving, board)
      wet()
    }
    const up = (): void => {
      painting.up(board)
      wet()
    }
    return { move, up }
  }

  /** A handle reshapes, the outline moves; a press that does not move selects. */
  private edit(event: PointerEvent, id: string, handle: number | null): Drag | null {
    const region = this.desk.regions.find((one) => one.id === id)
    if (!region) return null
    const { board, desk } = this
    const { shown } = board
    /** Once another slice is shown, the region stays where it was. */
    const away = (): boolean => {
      if (board.shown !== shown) board.dragged = null
      return board.shown !== shown
    }
    const from = board.pixelAt(event)
    let way = 0
    if (!region.selected) desk.selected(region.id)
    return {
      move: (moving) => {
        way += Math.abs(moving.movementX) + Math.abs(moving.movementY)
        if (away() || way < DRAG_PIXELS) return
        const to = board.pixelAt(moving)
        const points =
          handle === null
            ? moved(region.points, [to[0] - from[0], to[1] - from[1]], board)
            : reshaped(region.shape, region.points, handle, clamped(to, board.columns, board.rows))
        board.dragged = { id: region.id, points }
        board.refreshSoon()
      },
      up: () => {
        if (!away() && board.dragged) desk.edited(region.id, board.dragged.points)
      },
    }
  }

  destroy(): void {
    this.gone.abort()
    this.dropLens()
  }
}
