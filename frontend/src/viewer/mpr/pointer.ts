import type { VoxelPoint } from '../../geometry/reformat'
import type { Cut } from './cut'

const [LEFT, MIDDLE, RIGHT] = [0, 1, 2]
const ZOOM_STEP = 1.2
const ZOOM_PIXELS = 200
const WINDOW_PIXELS = 300
const CLICK_PIXELS = 3

/** What the mouse on a reformat is told to. */
interface Served {
  place: () => VoxelPoint
  activate: (cut: Cut) => void
  /** To the place under a click. */
  moveTo: (place: VoxelPoint) => void
  step: (cut: Cut, by: number) => void
  windowBy: (factor: number, share: number) => void
  refresh: () => void
}

/** The mouse on a reformat: as on the acquired slices, but a click goes to a place and nothing is drawn. */
export function serve(cut: Cut, served: Served, signal: AbortSignal): void {
  const { root } = cut
  let way = -1 // how far the button that is down was moved
  root.addEventListener(
    'pointerdown',
    (event) => {
      served.activate(cut)
      way = 0
      root.setPointerCapture(event.pointerId)
    },
    { signal },
  )
  root.addEventListener(
    'pointermove',
    (event) => {
      if (way < 0) return
      way += Math.abs(event.movementX) + Math.abs(event.movementY)
      dragged(cut, event, served)
    },
    { signal },
  )
  root.addEventListener(
    'pointerup',
    (event) => {
      if (event.button === LEFT && way >= 0 && way < CLICK_PIXELS)
        served.moveTo(cut.placeAt(event, served.place()))
      way = -1
    },
    { signal },
  )
  root.addEventListener('pointercancel', () => (way = -1), { signal })
  root.addEventListener('wheel', (event) => wheeled(cut, event, served), { signal, passive: false })
}

const held = (event: PointerEvent, button: number): boolean =>
  (event.buttons & ([1, 4, 2][button] ?? 0)) !== 0

function dragged(cut: Cut, event: PointerEvent, served: Served): void {
  const { movementX, movementY } = event
  if (held(event, MIDDLE)) cut.panBy(movementX, movementY)
  else if (held(event, RIGHT)) cut.zoomBy(2 ** (-movementY / ZOOM_PIXELS))
  else served.windowBy(2 ** (movementX / WINDOW_PIXELS), -movementY / WINDOW_PIXELS)
  served.refresh()
}

function wheeled(cut: Cut, event: WheelEvent, served: Served): void {
  event.preventDefault()
  if (event.deltaY === 0) return
  served.activate(cut)
  const down = event.deltaY > 0
  if (event.ctrlKey) cut.zoomBy(down ? 1 / ZOOM_STEP : ZOOM_STEP)
  else served.step(cut, down ? 1 : -1)
  served.refresh()
}
