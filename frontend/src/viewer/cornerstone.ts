import { Enums, eventTarget, RenderingEngine, type Types } from '@cornerstonejs/core'
import { texts } from '../texts'
import { frameId } from './address'
import { loadPixels } from './images'
import { unlessSilent } from './patience'
import { magnificationOf, readView } from './readout'
import { bindMouse, createTools, removeTools, setUp } from './setup'
import type { Viewer, ViewerImage, ViewerListener } from './types'

const { Events, ViewportType } = Enums
/** From the pixels in the cache to the screen; a software renderer on a busy machine takes some seconds. */
const DRAWING_MS = 20_000
const BLACK: Types.Point3 = [0, 0, 0]
let created = 0

export async function prefetch(images: readonly ViewerImage[]): Promise<void> {
  setUp()
  await Promise.all(images.map(loadPixels))
}

/** Runs after the browser has painted the frame which is being prepared now. */
function afterPaint(then: () => void): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel()
    channel.port1.onmessage = then
    channel.port2.postMessage(null)
  })
}

/** One viewport with its engine, tools and listeners; the only place that holds Cornerstone objects. */
class StackViewer implements Viewer {
  private readonly id: string
  private readonly engine: RenderingEngine
  private readonly viewport: Types.IStackViewport
  private readonly tools: ReturnType<typeof createTools>
  private readonly observer: ResizeObserver
  private wanted: readonly ViewerImage[] = []
  private announced = ''
  private asked = 0
  /** Told when an image of the case is rendered. */
  private drawn: () => void = () => undefined

  constructor(
    private readonly element: HTMLDivElement,
    private readonly listener: ViewerListener,
  ) {
    created += 1
    this.id = `viewer-${created}`
    this.engine = new RenderingEngine(this.id)
    this.engine.enableElement({
      viewportId: this.id,
      element,
      type: ViewportType.STACK,
      defaultOptions: { background: BLACK },
    })
    this.viewport = this.engine.getViewport(this.id) as Types.IStackViewport
    this.tools = createTools(this.id)
    this.tools.addViewport(this.id, this.id)
    element.addEventListener(Events.IMAGE_RENDERED, this.rendered)
    eventTarget.addEventListener(Events.WEBGL_CONTEXT_LOST, this.lost)
    this.observer = new ResizeObserver(() => this.engine.resize(true, true))
    this.observer.observe(element)
  }

  async show(images: readonly ViewerImage[]): Promise<void> {
    this.asked += 1
    const asked = this.asked
    this.wanted = images
    this.announced = ''
    // setStack() resolves although loading failed, so the pixels are asked for (and proved) first.
    await Promise.all(images.map(loadPixels))
    if (asked !== this.asked) return
    const drawn = new Promise<void>((resolve) => {
      this.drawn = resolve
    })
    await this.viewport.setStack(images.map((image) => frameId(image)))
    // A renderer that broke once never asks for another frame, and says nothing.
    await unlessSilent(drawn, { milliseconds: DRAWING_MS }).catch(() => {
      if (asked === this.asked) throw new Error(texts.viewer.notDrawn)
    })
  }

  private readonly rendered = (): void => {
    const shown = this.viewport.getCornerstoneImage()?.imageId
    // A blank viewport, and the previous case while the next one loads, report a rendering too.
    const image = this.wanted.find((candidate) => frameId(candidate) === shown)
    if (!image) return
    this.drawn()
    const view = readView(this.viewport)
    if (view) this.listener.onView(view)
    if (this.announced === shown) return
    this.announced = shown ?? ''
    const asked = this.asked
    afterPaint(() => {
      if (asked === this.asked) this.listener.onPainted(image.sop_instance_uid)
    })
  }

  private readonly lost = (): void => this.listener.onLost(texts.viewer.graphicsLost)

  invert(): void {
    this.viewport.setProperties({ invert: !this.viewport.getProperties().invert })
    this.viewport.render()
  }

  reset(): void {
    this.viewport.resetProperties()
    this.fit()
  }

  fit(): void {
    this.viewport.resetCamera()
    this.viewport.render()
  }

  oneToOne(): void {
    const scale = magnificationOf(this.viewport)
    if (scale) this.zoomBy(1 / scale)
  }

  zoomBy(factor: number): void {
    this.viewport.setZoom(this.viewport.getZoom() * factor)
    this.viewport.render()
  }

  panBy(x: number, y: number): void {
    const [atX, atY] = this.viewport.getPan()
    this.viewport.setPan([atX + x, atY + y])
    this.viewport.render()
  }

  windowBy(factor: number): void {
    this.setWindow(factor, 0)
  }

  levelBy(share: number): void {
    this.setWindow(1, share)
  }

  private setWindow(factor: number, share: number): void {
    const range = this.viewport.getProperties().voiRange
    if (!range) return
    const width = range.upper - range.lower
    const level = (range.upper + range.lower) / 2 + share * width
    const half = Math.max(1, (width * factor) / 2)
    this.viewport.setProperties({ voiRange: { lower: level - half, upper: level + half } })
    this.viewport.render()
  }

  step(by: number): void {
    const to = this.viewport.getCurrentImageIdIndex() + by
    if (to < 0 || to >= this.wanted.length) return
    void this.viewport.setImageIdIndex(to)
  }

  holdPan(on: boolean): void {
    bindMouse(this.tools, on)
  }

  destroy(): void {
    this.asked += 1
    this.wanted = []
    this.observer.disconnect()
    this.element.removeEventListener(Events.IMAGE_RENDERED, this.rendered)
    eventTarget.removeEventListener(Events.WEBGL_CONTEXT_LOST, this.lost)
    removeTools(this.id)
    this.engine.destroy()
  }
}

export function createViewer(element: HTMLDivElement, listener: ViewerListener): Viewer {
  setUp()
  return new StackViewer(element, listener)
}
