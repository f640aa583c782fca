import { Enums, eventTarget, type RenderingEngine } from '@cornerstonejs/core'
import { texts } from '../texts'
import { Board } from './board'
import { Cine } from './cine'
import { endingOf, takeEngine } from './engines'
import { afterPaint, tracks } from './grid'
import { type Desk, Hand } from './hand'
import { Heat } from './heat'
import { keep, keepNothing, loadCase } from './images'
import { crossing, follow } from './linking'
import { unlessAllLost } from './lost'
import { Nearby } from './nearby'
import styles from './Pane.module.css'
import type { Layer } from './paint'
import { previewOf } from './preview'
import { readView } from './readout'
import { drawnOn, Rulers } from './rulers'
import { firstShown, isAt, type Slice, slicesOf } from './slices'
import type { HeatMap, Layout, Region, Tool, Viewer, ViewerImage, ViewerListener } from './types'

const BRUSH = { least: 1, most: 400 }

interface Seat {
  board: Board
  hand: Hand
  nearby: Nearby
}

/** All panes of one case: one graphics engine, one mouse, one active pane that the keys act on. */
export class Room implements Viewer {
  private readonly engine: RenderingEngine
  private readonly grid: HTMLDivElement
  private readonly observer: ResizeObserver
  private readonly cine = new Cine(() => this.stepAround())
  private readonly desk: Desk
  private seats: Seat[] = []
  private layout: Layout = { rows: 1, columns: 1, panes: [] }
  private active = 0
  private alone: number | null = null
  private modelHidden = false
  private readonly heat = new Heat(() => this.refresh())
  private announced = new Set<string>()
  private readonly rulers: Rulers
  private asked = 0

  constructor(
    element: HTMLDivElement,
    private readonly listener: ViewerListener,
  ) {
    this.engine = takeEngine()
    this.grid = document.createElement('div')
    element.append(this.grid)
    this.rulers = new Rulers(listener)
    this.desk = this.deskOf()
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.lost)
    window.addEventListener('keydown', this.key, { capture: true })
    this.observer = new ResizeObserver(() => this.resized())
    this.observer.observe(element)
  }

  // --- the case ------------------------------------------------------------------------------

  async show(layout: Layout): Promise<void> {
    this.asked += 1
    const { asked } = this
    const images = layout.panes.flatMap((pane) => pane.images)
    this.announced.clear()
    this.cine.stop()
    this.heat.clear()
    this.desk.regions = []
    await loadCase(images)
    if (asked !== this.asked) return
    this.arrange(layout)
    await unlessAllLost(layout.panes.map((pane, at) => this.fill(at, pane.label, pane.images)))
    if (asked !== this.asked) return
    keep(images)
    if (!this.pane?.slice) this.activate(1)
  }

  private async fill(at: number, label: string, images: readonly ViewerImage[]): Promise<void> {
    const seat = this.seats[at]
    if (!seat) return
    const slices = slicesOf(images)
    seat.board.label = label
    seat.board.close()
    void this.preview(seat.board, slices[firstShown(slices.length)])
    await seat.board.pane.show(slices, firstShown(slices.length))
    void seat.nearby.around(slices, seat.board.pane.index)
  }

  /** That it fails matters to nobody: the image itself is on its way. */
  private async preview(board: Board, slice: Slice | undefined): Promise<void> {
    const { asked } = this
    const picture = slice && (await previewOf(slice).catch(() => null))
    if (!picture || asked !== this.asked || !board.preview(picture)) return
    afterPaint(() => {
      if (asked === this.asked) this.listener.onPreview?.(slice.image.sop_instance_uid)
    })
  }

  /** As many boards as panes; those that stand are used again. */
  private arrange(layout: Layout): void {
    this.layout = layout
    this.active = 0
    this.alone = null
    while (this.seats.length > layout.panes.length) this.leave(this.seats.pop())
    while (this.seats.length < layout.panes.length) this.seats.push(this.seat())
    for (const { nearby } of this.seats) nearby.stop()
    this.place()
  }

  private seat(): Seat {
    const scenery = {
      regions: (): readonly Region[] => this.desk.regions,
      modelHidden: (): boolean => this.modelHidden,
      heat: (slice: Slice): Layer | null => this.heat.over(slice),
      lines: (board: Board) =>
        this.layout.referenceLines ? crossing(board, this.seats[this.active]?.board) : [],
    }
    const id = `${this.engine.id}-${this.seats.length}`
    const board = new Board(this.grid, this.engine, id, scenery, {
      rendered: (drawn) => this.rendered(drawn),
      failed: (sentence) => this.listener.onLost(sentence),
      lost: (drawn, slice, sentence) => this.gap(drawn, slice, sentence),
    })
    const nearby = new Nearby((slice, sentence) => board.pane.lose(slice, sentence))
    return { board, hand: new Hand(board, this.desk), nearby }
  }

  private leave(seat: Seat | undefined): void {
    seat?.nearby.stop()
    seat?.hand.destroy()
    seat?.board.destroy()
  }

  /** Where the boards stand, and which of them show. */
  private place(): void {
    const several = this.seats.length > 1 && this.alone === null
    this.grid.className = [styles.grid, several && styles.several].filter(Boolean).join(' ')
    this.seats.forEach(({ board: { root } }, at) => {
      root.toggleAttribute('data-hidden', this.alone !== null && this.alone !== at)
      root.toggleAttribute('data-active', at === this.active)
    })
    this.resized()
  }

  /** Panes are whole pixels wide and high: between two of them every image would be blurred. */
  private resized(): void {
    const { rows, columns } = this.alone === null ? this.layout : { rows: 1, columns: 1 }
    const { clientWidth, clientHeight, style } = this.grid
    style.gridTemplateRows = tracks(clientHeight, rows)
    style.gridTemplateColumns = tracks(clientWidth, columns)
    this.engine.resize(true, true)
    this.refresh()
  }

  private rendered(board: Board): void {
    this.tell()
    this.rulers.measure(this.desk.regions, this.boards)
    if (board === this.current)
      for (const { board: other } of this.seats) if (other !== board) other.refresh()
    // a case stands on the screen once each of its panes does
    const active = this.pane?.slice
    const whole = this.seats.every(({ board: { pane } }) => pane.slice || pane.gap)
    if (!active || !whole || this.announced.has(active.id)) return
    this.announced.add(active.id)
    const { asked } = this
    afterPaint(() => {
      if (asked === this.asked) this.listener.onPainted(active.image.sop_instance_uid)
    })
  }

  private gap({ label, pane }: Board, slice: Slice, sentence: string): void {
    const at = texts.reading.imageOf(pane.slices.indexOf(slice) + 1, pane.slices.length)
    this.listener.onGap?.([label, at].filter(Boolean).join(', '), sentence)
  }

  private tell(): void {
    const pane = this.current?.pane
    const seen = pane && readView(pane)
    if (!seen) return
    this.listener.onView({
      ...seen,
      pane: this.active,
      panes: this.seats.length,
      maximised: this.alone !== null,
      playing: this.cine.playing,
      mayFlip: this.mayFlip,
    })
  }

  private readonly lost = (): void => this.listener.onLost(texts.viewer.graphicsLost)

  private get current(): Board | undefined {
    return this.seats[this.active]?.board
  }

  private get boards(): readonly Board[] {
    return this.seats.map(({ board }) => board)
  }

  private get pane() {
    return this.current?.pane
  }

  private refresh(): void {
    for (const { board } of this.seats) board.refresh()
  }

  // --- regions -------------------------------------------------------------------------------

  private deskOf(): Desk {
    return {
      tool: null,
      panning: false,
      magnifying: false,
      radius: 0,
      regions: [],
      activate: (board) => this.activateBoard(board),
      step: (board, by) => this.stepOn(board, by),
      toggleMaximised: (board) => this.maximise(this.boards.indexOf(board)),
      drawn: (board, points, tool) => drawnOn(board, tool, { points }, this.listener),
      painted: (board, runs, tool, before) => {
        board.wet = null
        if (before) this.listener.onEdited?.(before.id, [], runs)
        else if (runs.length) drawnOn(board, tool, { points: [], runs }, this.listener)
      },
      edited: (id, points) => this.listener.onEdited?.(id, points),
      selected: (id) => this.listener.onSelected?.(id),
    }
  }

  setRegions(regions: readonly Region[]): void {
    this.desk.regions = regions
    this.changed()
    this.rulers.measure(regions, this.boards)
  }

  setHeatMap(map: HeatMap | null): void {
    this.heat.show(map, this.boards)
  }

  setModelHidden(hidden: boolean): void {
    this.modelHidden = hidden
    this.refresh()
  }

  draw(tool: Tool | null): void {
    this.desk.tool = tool
    this.changed()
  }

  brushBy(factor: number): void {
    const radius = this.desk.radius || Math.max(1, (this.current?.columns ?? 0) / 60)
    this.desk.radius = Math.min(BRUSH.most, Math.max(BRUSH.least, radius * factor))
  }

  private changed(): void {
    for (const { hand } of this.seats) hand.changed()
    this.refresh()
  }

  private readonly key = (event: KeyboardEvent): void => {
    const { key } = event
    const { target } = event
    const inDialog = target instanceof Element && target.closest('[role="dialog"]') !== null
    if (inDialog || (key !== 'Enter' && key !== 'Escape')) return
    if (!this.seats.some(({ hand }) => hand.key(key))) return
    event.preventDefault()
    event.stopPropagation()
  }

  // --- panes and slices ----------------------------------------------------------------------

  private activateBoard(board: Board): void {
    const at = this.seats.findIndex((seat) => seat.board === board)
    if (at < 0 || at === this.active) return
    this.active = at
    this.seats.forEach(({ board: { root } }, index) => {
      root.toggleAttribute('data-active', index === at)
    })
    this.refresh()
    this.tell()
  }

  activate(by: number): void {
    const count = Math.max(1, this.seats.length)
    const board = this.seats[(this.active + by + count) % count]?.board
    if (board) this.activateBoard(board)
    if (this.alone !== null && this.alone !== this.active) {
      this.alone = this.active
      this.place()
    }
  }

  maximise(pane = this.active): void {
    if (this.seats.length < 2) {
      this.fit()
      return
    }
    const board = this.seats[pane]?.board
    if (board) this.activateBoard(board)
    this.alone = this.alone === null ? pane : null
    this.place()
    for (const seat of this.seats)
      if (!seat.board.root.hasAttribute('data-hidden')) seat.board.pane.fit()
    this.tell()
  }

  goTo(image: string, frame: number): void {
    for (const { board } of this.seats) {
      const at = board.pane.slices.findIndex((slice) => isAt(slice, { image, frame }))
      if (at < 0) continue
      this.activateBoard(board)
      this.stepOn(board, at - board.pane.index)
      return
    }
  }

  step(by: number): void {
    if (this.current) this.stepOn(this.current, by)
  }

  private stepOn(board: Board, by: number): void {
    board.pane.goTo(board.pane.index + by)
    const seat = this.seats.find((one) => one.board === board)
    void seat?.nearby.around(board.pane.slices, board.pane.index)
    if (this.layout.linkScroll)
      follow(
        board,
        this.seats.map((one) => one.board),
      )
  }

  private stepAround(): void {
    const { pane } = this
    if (!pane || !this.current) return
    this.stepOn(this.current, pane.index + 1 < pane.slices.length ? 1 : -pane.index)
  }

  play(): void {
    if ((this.pane?.slices.length ?? 0) > 1) this.cine.toggle()
    this.tell()
  }

  // --- how the active pane is shown ----------------------------------------------------------

  /** Slices say themselves which side is which; a radiograph that is mirrored shows the other knee. */
  private get mayFlip(): boolean {
    return Boolean(this.pane?.about?.plane) || this.layout.lockFlip === false
  }

  invert = (): void => this.pane?.invert()
  reset = (): void => this.pane?.reset()
  fit = (): void => this.pane?.fit()
  oneToOne = (): void => this.pane?.oneToOne()
  zoomBy = (factor: number): void => this.pane?.zoomBy(factor)
  panBy = (x: number, y: number): void => this.pane?.panBy(x, y)
  rotate = (): void => this.pane?.rotate()
  flip = (): void => (this.mayFlip ? this.pane?.flip() : undefined)
  windowBy = (factor: number): void => this.pane?.windowBy(factor, 0)
  levelBy = (share: number): void => this.pane?.windowBy(1, share)
  autoWindow = (): void => this.pane?.autoWindow()
  nextWindow = (): void => this.pane?.nextWindow(this.layout.windows ?? [])

  magnify(on: boolean): void {
    this.desk.magnifying = on
    this.changed()
  }

  holdPan(on: boolean): void {
    this.desk.panning = on
  }

  destroy(): void {
    this.asked += 1
    this.cine.stop()
    this.observer.disconnect()
    window.removeEventListener('keydown', this.key, { capture: true })
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.lost)
    const end = endingOf(
      this.engine,
      this.seats.map(({ board }) => board.pane.id),
    )
    while (this.seats.length) this.leave(this.seats.pop())
    end()
    this.grid.remove()
    keepNothing()
  }
}
