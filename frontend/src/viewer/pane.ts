import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core'
import type { Affine } from '../geometry/affine'
import type { CanvasPoint } from '../geometry/types'
import { texts } from '../texts'
import type { About } from './about'
import { affineIn, fitted, oneToOne, panBy, zoomAt } from './camera'
import { aboutOf } from './headers'
import { loadPixels } from './images'
import { Lost } from './lost'
import { unlessSilent } from './patience'
import { outwards, type Slice } from './slices'
import { applyVoi } from './transfer'
import type { NamedWindow } from './types'
import { autoWindow, type Voi, type Window, windowOf } from './voi'

const { Events, InterpolationType, ViewportType } = Enums
/** From the pixels in the cache to the screen; a software renderer on a busy machine takes some seconds. */
const DRAWING_MS = 20_000
/** So many slices around the one that a stack opens with are tried before it is given up. */
const TRIES = 12
const BLACK: Types.Point3 = [0, 0, 0]

/** One stack on the screen: the only place, with the room around it, that holds Cornerstone's objects. */
export class StackPane {
  slices: readonly Slice[] = []
  /** Slices that cannot be shown, and why. */
  private readonly lost = new Map<string, string>()
  /** A gap stands over the slice that was shown before it. */
  private covered = false
  /** Moved by hand or chosen; null: as each file says. */
  private chosen: Voi | null = null
  private own: Voi | null = null
  private ownSeries = ''
  private turned = false
  private mirrored = false
  /** Its first slice has not come yet. */
  private fresh = true
  private quarters = 0
  private wanted = 0
  /** The show() whose slices are being run after. */
  private chasing = 0
  private asked = 0
  /** Told when an image of the stack is rendered. */
  private drawn: () => void = () => undefined
  private readonly viewport: Types.IStackViewport

  constructor(
    private readonly engine: RenderingEngine,
    readonly id: string,
    readonly element: HTMLDivElement,
    private readonly onRendered: () => void,
    private readonly onFailed: (sentence: string) => void,
    private readonly onLost: (slice: Slice, sentence: string) => void,
  ) {
    const defaultOptions = { background: BLACK }
    engine.enableElement({ viewportId: id, element, type: ViewportType.STACK, defaultOptions })
    this.viewport = engine.getViewport(id) as Types.IStackViewport
    element.addEventListener(Events.STACK_NEW_IMAGE, this.arrived)
    element.addEventListener(Events.IMAGE_RENDERED, this.rendered)
  }

  /** Resolves once the slice at `first` is drawn, or the nearest to it that can be. */
  async show(slices: readonly Slice[], first: number): Promise<void> {
    this.asked += 1
    const asked = this.asked
    this.slices = slices
    this.chosen = this.own = null
    this.turned = this.mirrored = false
    this.quarters = 0
    this.fresh = true
    this.lost.clear()
    this.wanted = first
    // setStack() resolves although loading failed, so the pixels are asked for (and proved) first.
    const opened = await this.readable(first)
    if (asked !== this.asked) return
    this.wanted = opened
    const drawn = new Promise<void>((resolve) => {
      this.drawn = resolve
    })
    await this.viewport.setStack(
      slices.map(({ id }) => id),
      opened,
    )
    // A renderer that broke once never asks for another frame, and says nothing.
    await unlessSilent(drawn, { milliseconds: DRAWING_MS }).catch(() => {
      if (asked === this.asked) throw new Error(texts.viewer.notDrawn)
    })
  }

  /** What it shows is of no case at hand any more. */
  forget(): void {
    this.asked += 1
    this.slices = []
  }

  /** The nearest slice to `first` that can be shown; rejects where none can, or for a reason that is not the slice's. */
  private async readable(first: number): Promise<number> {
    const { asked, slices } = this
    let reason: Error = new Error(texts.viewer.gone)
    for (const at of outwards([...slices.keys()], first).slice(0, TRIES)) {
      const slice = slices[at]
      if (!slice || asked !== this.asked) break
      try {
        await loadPixels(slice)
        return at
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        if (asked === this.asked) this.lose(slice, error.message)
        reason = error
      }
    }
    throw reason
  }

  /** It was found out that a slice cannot be shown. */
  lose(slice: Slice, sentence: string): void {
    if (this.lost.has(slice.id) || !this.slices.includes(slice)) return
    this.lost.set(slice.id, sentence)
    this.onLost(slice, sentence)
  }

  /** Why the slice that is asked for is not shown; '' where it is, or is on its way. */
  get gap(): string {
    return this.lost.get(this.slices[this.wanted]?.id ?? '') ?? ''
  }

  /** The slice whose pixels are on the screen, or null. */
  get slice(): Slice | null {
    return this.sliceOf(this.image?.imageId)
  }

  private sliceOf(id: string | undefined): Slice | null {
    return this.slices.find((slice) => slice.id === id) ?? null
  }

  get image(): Types.IImage | undefined {
    return this.viewport.getCornerstoneImage()
  }

  get about(): About | null {
    const { slice } = this
    return slice && aboutOf(slice.image, slice.frame)
  }

  /** Which slice is shown, or on its way to the screen. */
  get index(): number {
    return this.wanted
  }

  get affine(): Affine | null {
    return this.slice && affineIn(this.viewport)
  }

  get voi(): Voi | null {
    return this.chosen ?? this.own
  }

  get inverted(): boolean {
    return this.turned
  }

  /** As the screen has it: a MONOCHROME1 image as it is meant shows its low values white. */
  get lowIsWhite(): boolean {
    return this.turned !== Boolean(this.about?.whiteIsLow)
  }

  private readonly arrived = (): void => {
    const { about, image, slice } = this
    if (!about || !image || !slice) return
    // slices of one series keep the first one's window, radiographs have each their own
    const series = about.plane ? slice.image.series_instance_uid : slice.id
    if (!image.color && (!this.own || this.ownSeries !== series)) {
      this.own = about.vois[0] ?? autoWindow(image.getPixelData(), texts.viewer.auto)
      this.ownSeries = series
    }
    this.paint()
    // Cornerstone fits a stack into the height alone
    if (this.fresh) fitted(this.viewport)
    this.fresh = false
  }

  private readonly rendered = (): void => {
    // A blank viewport, and the previous case while the next one loads, report a rendering too.
    if (!this.slice) return
    this.drawn()
    this.onRendered()
  }

  private paint(): void {
    if (this.voi && !this.image?.color) applyVoi(this.viewport, this.voi, this.lowIsWhite)
  }

  private render(): void {
    this.viewport.render()
  }

  goTo(index: number): void {
    const to = Math.min(this.slices.length - 1, Math.max(0, index))
    if (to === this.wanted) return
    this.wanted = to
    const { asked } = this
    if (this.chasing === asked) return
    this.chasing = asked
    this.chase()
      .catch((reason: Error) => asked === this.asked && this.onFailed(reason.message))
      .finally(() => {
        if (this.chasing === asked) this.chasing = 0
      })
  }

  /** One slice after the other until the wanted one shows: those that the hand has passed already are left out. */
  private async chase(): Promise<void> {
    const { asked } = this
    let shown = -1
    while (asked === this.asked && shown !== this.wanted) {
      shown = this.wanted
      const slice = this.slices[shown]
      if (!slice) return
      try {
        await loadPixels(slice)
        this.lost.delete(slice.id)
      } catch (reason) {
        if (!(reason instanceof Lost)) throw reason
        if (asked === this.asked) this.lose(slice, reason.message)
        if (asked === this.asked) this.onRendered()
        this.covered = true
        continue
      }
      if (asked !== this.asked) return
      await this.viewport.setImageIdIndex(shown)
      // it may be the slice that lay behind the gap, which is not drawn anew by itself
      if (this.covered) this.render()
      this.covered = false
    }
  }

  invert(): void {
    this.turned = !this.turned
    this.paint()
    this.render()
  }

  reset(): void {
    this.chosen = null
    this.turned = this.mirrored = false
    this.quarters = 0
    this.paint()
    this.fit()
  }

  fit(): void {
    this.viewport.resetCamera()
    this.turn()
    fitted(this.viewport)
    this.smooth()
    this.render()
  }

  private smooth(): void {
    this.viewport.setProperties({ interpolationType: InterpolationType.LINEAR }, true)
  }

  private turn(): void {
    if (this.mirrored) this.viewport.setCamera({ flipHorizontal: true })
    this.viewport.setViewPresentation({ rotation: this.quarters * 90 })
  }

  rotate(): void {
    this.quarters = (this.quarters + 1) % 4
    this.fit()
  }

  flip(): void {
    this.mirrored = !this.mirrored
    this.fit()
  }

  /** Each pixel as it is, none mixed with its neighbours. */
  oneToOne(): void {
    oneToOne(this.viewport)
    this.viewport.setProperties({ interpolationType: InterpolationType.NEAREST }, true)
    this.render()
  }

  zoomBy(factor: number, fixed?: CanvasPoint): void {
    zoomAt(this.viewport, factor, fixed)
    this.smooth()
    this.render()
  }

  panBy(x: number, y: number): void {
    panBy(this.viewport, x, y)
    this.render()
  }

  /** Scales the width and moves the level by a share of the width. */
  windowBy(factor: number, share: number): void {
    if (!this.voi) return
    const { center, width, curve } = windowOf(this.voi)
    const wider = Math.max(1e-3, width * factor)
    this.choose({ kind: 'window', name: '', center: center + share * width, width: wider, curve })
  }

  autoWindow(): void {
    if (this.image) this.choose(autoWindow(this.image.getPixelData(), texts.viewer.auto))
  }

  nextWindow(presets: readonly NamedWindow[]): void {
    const given = presets.map((one): Window => ({ kind: 'window', curve: 'LINEAR', ...one }))
    const all = [...(this.about?.vois ?? []), ...given]
    const at = all.findIndex(({ name }) => name === this.voi?.name)
    const next = all[(at + 1) % Math.max(1, all.length)]
    if (next) this.choose(next)
  }

  private choose(voi: Voi): void {
    this.chosen = voi
    this.paint()
    this.render()
  }

  destroy(): void {
    this.forget()
    this.element.removeEventListener(Events.STACK_NEW_IMAGE, this.arrived)
    this.element.removeEventListener(Events.IMAGE_RENDERED, this.rendered)
    this.engine.disableElement(this.id)
  }
}
