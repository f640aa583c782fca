import { Enums, eventTarget, type RenderingEngine } from '@cornerstonejs/core'
import { texts } from '../texts'
import type { Board } from './board'
import { Cine } from './cine'
import { Display } from './display'
import { endingOf, takeEngine } from './engines'
import { Floor } from './floor'
import { afterPaint } from './grid'
import type { Desk } from './hand'
import { Heat } from './heat'
import { keep, keepNothing, loadCase } from './images'
import { crossing, follow } from './linking'
import { unlessAllLost } from './lost'
import { Reformats, whyNot } from './mpr/reformats'
import type { Layer } from './paint'
import { previewOf } from './preview'
import { readView } from './readout'
import { drawnOn, Rulers } from './rulers'
import { Seats } from './seats'
import { isAt, type Slice } from './slices'
import type { HeatMap, Layout, Pane, Region, Tool, Viewer, ViewerListener } from './types'

const BRUSH = { least: 1, most: 400 }

/** All panes of one case: one graphics engine, one mouse, one active pane that the keys act on. */
export class Room extends Display implements Viewer {
  private readonly engine: RenderingEngine
  protected readonly floor: Floor
  private readonly observer: ResizeObserver
  private readonly cine = new Cine(() => this.stepAround())
  private readonly desk: Desk
  private readonly seats: Seats
  private active = 0
  private modelHidden = false
  private readonly heat = new Heat(() => this.refresh())
  private announced = new Set<string>()
  private readonly rulers: Rulers
  private asked = 0

  constructor(
    element: HTMLDivElement,
    private readonly listener: ViewerListener,
  ) {
    super()
    this.engine = takeEngine()
    this.floor = new Floor(document.createElement('div'))
    element.append(this.floor.grid)
    this.rulers = new Rulers(listener)
    this.desk = this.deskOf()
    const scenery = {
      regions: (): readonly Region[] => this.desk.regions,
      modelHidden: (): boolean => this.modelHidden,
      heat: (slice: Slice): Layer | null => this.heat.over(slice),
      lines: (board: Board) => this.linesOn(board),
    }
    this.seats = new Seats(this.floor.grid, this.engine, scenery, this.desk, {
      rendered: (drawn) => this.rendered(drawn),
      failed: (sentence) => this.listener.onLost(sentence),
      lost: (drawn, slice, sentence) => this.gap(drawn, slice, sentence),
      opening: (board, slice) => void this.preview(board, slice),
    })
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.lost)
    window.addEventListener('keydown', this.key, { capture: true })
    this.observer = new ResizeObserver(() => this.resized())
    this.observer.observe(element)
  }

  // --- the case ------------------------------------------------------------------------------

  async show(layout: Layout): Promise<void> {
    this.asked += 1
    const { asked } = this
    const imagesOf = (panes: readonly Pane[]) => panes.flatMap((pane) => pane.images)
    const today = layout.panes.filter(({ prior }) => !prior)
    this.announced.clear()
    this.cine.stop()
    this.heat.clear()
    this.desk.regions = []
    await loadCase(imagesOf(today))
    if (asked !== this.asked) return
    this.leaveReformats()
    this.floor.begin(layout)
    this.active = 0
    this.seats.arrange(layout.panes)
    this.place()
    const { seats } = this
    const fills = layout.panes.flatMap((pane, at) => (pane.prior ? [] : [seats.fill(at, pane)]))
    await unlessAllLost(fills)
    if (asked !== this.asked) return
    keep(imagesOf(layout.panes))
    if (!this.pane?.slice) this.activate(1)
    layout.panes.forEach((pane, at) => {
      if (pane.prior) void seats.fillPrior(at, pane, () => asked === this.asked)
    })
  }

  /** That it fails matters to nobody: the image itself is on its way. */
  private async preview(board: Board, slice: Slice): Promise<void> {
    const { asked } = this
    const picture = await previewOf(slice).catch(() => null)
    if (!picture || asked !== this.asked || !board.preview(picture)) return
    afterPaint(() => {
      if (asked === this.asked) this.listener.onPreview?.(slice.image.sop_instance_uid)
    })
  }

  /** Where the boards stand, and which of them show. */
  private place(): void {
    this.floor.place(this.boards, this.active)
    this.resized()
  }

  private resized(): void {
    this.floor.size()
    this.engine.resize(true, true)
    this.refresh()
  }

  private linesOn(board: Board): ReturnType<typeof crossing> {
    const { reformats, layout } = this.floor
    if (reformats) return reformats.board === board ? reformats.lines : []
    return layout.referenceLines ? crossing(board, this.current) : []
  }

  private rendered(board: Board): void {
    this.tell()
    this.rulers.measure(this.desk.regions, this.boards)
    if (this.floor.reformats?.board === board) this.floor.reformats.followed()
    if (board === this.current)
      for (const other of this.boards) if (other !== board) other.refresh()
    // a case stands on the screen once each of its panes does
    const active = this.pane?.slice
    const whole = this.boards.every(({ prior, pane }) => prior || pane.slice || pane.gap)
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
      panes: this.boards.length,
      maximised: this.floor.alone !== null,
      playing: this.cine.playing,
      mayFlip: this.mayFlip,
      priors: this.floor.priorsNow,
      reformatted: this.floor.reformats !== null,
      noReformat: this.current ? whyNot(this.current) : null,
    })
  }

  private readonly lost = (): void => this.listener.onLost(texts.viewer.graphicsLost)

  protected get current(): Board | undefined {
    return this.boards[this.active]
  }

  private get boards(): readonly Board[] {
    return this.seats.boards
  }

  private refresh(): void {
    for (const board of this.boards) board.refresh()
    this.floor.reformats?.refresh()
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
      pointed: (board, point) => {
        if (this.floor.reformats?.board === board) this.floor.reformats.point(point)
      },
    }
  }

  setRegions(regions: readonly Region[]): void {
    this.desk.regions = regions
    this.changed()
    this.rulers.measure(regions, this.boards)
  }

  setHeatMap(map: HeatMap | null): Promise<boolean> {
    return this.heat.show(map, this.boards)
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
    this.seats.changed()
    this.refresh()
  }

  private readonly key = (event: KeyboardEvent): void => {
    const { key } = event
    const { target } = event
    const inDialog = target instanceof Element && target.closest('[role="dialog"]') !== null
    if (inDialog || (key !== 'Enter' && key !== 'Escape')) return
    if (!this.seats.key(key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  // --- panes and slices ----------------------------------------------------------------------

  private activateBoard(board: Board): void {
    this.floor.reformats?.activateAcquired()
    const at = this.boards.indexOf(board)
    if (at < 0 || at === this.active) return
    this.active = at
    this.activated()
  }

  private activated(): void {
    this.floor.place(this.boards, this.active)
    this.refresh()
    this.tell()
  }

  activate(by: number): void {
    const { floor, boards } = this
    if (floor.reformats) {
      floor.reformats.activateBy(by)
      return
    }
    const reachable = boards.filter((_, at) => floor.reachable(at))
    const at = this.current ? reachable.indexOf(this.current) : 0
    const board = reachable[(at + by + reachable.length) % Math.max(1, reachable.length)]
    if (board) this.activateBoard(board)
    if (floor.alone !== null && floor.alone !== this.active) {
      floor.alone = this.active
      this.place()
    }
  }

  maximise(pane = this.active): void {
    const { floor, boards } = this
    if (boards.length < 2 || floor.reformats) {
      this.fit()
      return
    }
    const board = boards[pane]
    if (board) this.activateBoard(board)
    floor.alone = floor.alone === null ? pane : null
    this.rearranged()
  }

  /** The panes have another size than before. */
  private rearranged(): void {
    this.place()
    this.boards.forEach((board, at) => {
      if (this.floor.shows(board, at)) board.pane.fit()
    })
    this.tell()
  }

  reformat(): string | null {
    const { floor, current } = this
    if (floor.reformats) this.leaveReformats()
    else if (current) {
      const refusal = whyNot(current)
      if (refusal) return refusal
      floor.reformats = new Reformats(floor.grid, current, {
        goTo: (board, index) => this.stepOn(board, index - board.pane.index),
        activated: () => this.activated(),
        changed: () => current.refresh(),
      })
    }
    this.rearranged()
    return null
  }

  togglePriors(): string | null {
    const { floor } = this
    if (floor.priorsNow === 'none') return texts.viewer.prior.none
    floor.priors = !floor.priors
    this.leaveReformats()
    if (!floor.reachable(this.active)) this.active = 0
    if (floor.alone !== null && !floor.reachable(floor.alone)) floor.alone = null
    this.rearranged()
    return null
  }

  private leaveReformats(): void {
    this.floor.reformats?.destroy()
    this.floor.reformats = null
  }

  goTo(image: string, frame: number): void {
    for (const board of this.boards) {
      const at = board.pane.slices.findIndex((slice) => isAt(slice, { image, frame }))
      if (at < 0) continue
      if (this.floor.reformats && this.floor.reformats.board !== board) this.reformat()
      this.activateBoard(board)
      this.stepOn(board, at - board.pane.index)
      return
    }
  }

  step(by: number): void {
    if (this.floor.reformats?.focus) this.floor.reformats.step(by)
    else if (this.current) this.stepOn(this.current, by)
  }

  private stepOn(board: Board, by: number): void {
    this.seats.goTo(board, board.pane.index + by)
    if (this.floor.layout.linkScroll) follow(board, this.boards)
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
    this.leaveReformats()
    this.observer.disconnect()
    window.removeEventListener('keydown', this.key, { capture: true })
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.lost)
    const end = endingOf(
      this.engine,
      this.boards.map(({ pane }) => pane.id),
    )
    this.seats.leaveAll()
    end()
    this.floor.grid.remove()
    keepNothing()
  }
}
