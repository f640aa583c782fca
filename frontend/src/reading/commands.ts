import { slotsOf } from '../kinds/slots'
import type { Viewer } from '../viewer'
import type { Command } from './keys'
import type { ReadingSession } from './session'

interface Room {
  session: ReadingSession
  viewer: Viewer | null
  assisted: boolean
  open: (dialog: 'keys' | 'skip' | 'discuss') => void
  toggleModel: () => void
}

const ZOOM_STEP = 1.2
const PAN_STEP = 64
const WINDOW_STEP = 1.15
const LEVEL_STEP = 0.05

const IMAGE: Partial<Record<Command, (viewer: Viewer) => void>> = {
  invert: (viewer) => viewer.invert(),
  reset: (viewer) => viewer.reset(),
  fit: (viewer) => viewer.fit(),
  oneToOne: (viewer) => viewer.oneToOne(),
  zoomIn: (viewer) => viewer.zoomBy(ZOOM_STEP),
  zoomOut: (viewer) => viewer.zoomBy(1 / ZOOM_STEP),
  narrower: (viewer) => viewer.windowBy(1 / WINDOW_STEP),
  wider: (viewer) => viewer.windowBy(WINDOW_STEP),
  // A lower level makes the image brighter.
  brighter: (viewer) => viewer.levelBy(-LEVEL_STEP),
  darker: (viewer) => viewer.levelBy(LEVEL_STEP),
  left: (viewer) => viewer.panBy(-PAN_STEP, 0),
  right: (viewer) => viewer.panBy(PAN_STEP, 0),
  up: (viewer) => viewer.panBy(0, -PAN_STEP),
  down: (viewer) => viewer.panBy(0, PAN_STEP),
  previousImage: (viewer) => viewer.step(-1),
  nextImage: (viewer) => viewer.step(1),
}

function moveField(session: ReadingSession, by: number): void {
  const open = session.snapshot().current
  if (!open) return
  const slots = slotsOf(open.next.form)
  const at = slots.findIndex(({ slot }) => slot === open.activeSlot)
  const to = slots[Math.max(0, Math.min(slots.length - 1, at + by))]
  if (to) session.focusSlot(to.slot)
}

const ROOM: Partial<Record<Command, (room: Room) => void>> = {
  submit: ({ session }) => session.submit(),
  undo: ({ session }) => session.undo(),
  skip: ({ session, open }) =>
    session.snapshot().current?.next.annotation.state === 'draft' && open('skip'),
  discuss: ({ session, open }) => session.snapshot().current && open('discuss'),
  help: ({ open }) => open('keys'),
  nextField: ({ session }) => moveField(session, 1),
  previousField: ({ session }) => moveField(session, -1),
  accept: ({ session, assisted }) => assisted && session.accept(),
  hide: ({ assisted, toggleModel }) => assisted && toggleModel(),
}

/** What a key does: to the room, or to the image once it stands. */
export function runCommand(command: Command, room: Room): void {
  ROOM[command]?.(room)
  const painted = room.session.snapshot().current?.pixels === 'painted'
  if (room.viewer && painted) IMAGE[command]?.(room.viewer)
}
