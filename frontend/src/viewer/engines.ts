import { Enums, RenderingEngine, type Types } from '@cornerstonejs/core'

const BLACK: Types.Point3 = [0, 0, 0]
/** A picture that does not come, or a renderer that does nothing, is not waited for any longer. */
const PATIENCE_MS = 5_000

let made = 0
let spare: RenderingEngine | null = null
let used = 0

/** A graphics engine for a room; the one that stands ready, where there is one. */
export function takeEngine(): RenderingEngine {
  const engine = spare ?? makeEngine()
  spare = null
  used += 1
  return engine
}

function makeEngine(): RenderingEngine {
  made += 1
  return new RenderingEngine(`viewer-${made}`)
}

/** Asked before the panes leave it, ends an engine: a browser in no hurry keeps the memory of its graphics for minutes. */
export function endingOf(engine: RenderingEngine, panes: readonly string[]): () => void {
  const graphics = panes.map((id) => engine.getOffscreenMultiRenderWindow(id))
  const contexts = new Set(graphics.map((one) => one.getOpenGLRenderWindow().get3DContext()))
  return () => {
    engine.destroy()
    for (const context of contexts) context?.getExtension('WEBGL_lose_context')?.loseContext()
    used -= 1
  }
}

/** Has an engine ready whose shaders are compiled: a small picture is drawn where nobody sees it. */
export async function readyEngine(picture: string): Promise<void> {
  if (spare || used > 0) return
  const engine = makeEngine()
  spare = engine
  const viewportId = `${engine.id}-warm`
  const element = document.createElement('div')
  element.style.cssText =
    'position:fixed;left:-200px;top:0;width:64px;height:64px;visibility:hidden'
  document.body.append(element)
  const type = Enums.ViewportType.STACK
  engine.enableElement({ viewportId, element, type, defaultOptions: { background: BLACK } })
  const drawn = new Promise<void>((resolve) => {
    element.addEventListener(Enums.Events.IMAGE_RENDERED, () => resolve())
    setTimeout(resolve, PATIENCE_MS)
  })
  const viewport = engine.getViewport(viewportId) as Types.IStackViewport
  viewport.setStack([picture]).catch(() => undefined) // a decoder that does not come never ends it either
  await drawn
  if (!engine.hasBeenDestroyed) engine.disableElement(viewportId)
  element.remove()
}
