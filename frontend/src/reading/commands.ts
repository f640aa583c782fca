import type { Place } from '../api/forms'
import { unfitNumber } from '../kinds/number'
import { texts } from '../texts'
import type { Viewer } from '../viewer'
import type { Command } from './keys'
import type { ReadingSession } from './session'
import { intoSearch } from './useKeys'

export type Dialog = 'keys' | 'skip' | 'discuss' | 'settings'

interface Room {
  session: ReadingSession
  viewer: Viewer | null
  assisted: boolean
  /** What the model proposes is hidden: nobody accepts what he does not see. */
  modelHidden: boolean
  /** The slice in the hand. */
  place: () => Place | null
  open: (dialog: Dialog) => void
  toggleModel: () => void
  /** Shows where the model looked, or no longer. */
  toggleHeat: () => void
}

const ZOOM_STEP = 1.2
const PAN_STEP = 64
const WINDOW_STEP = 1.15
const LEVEL_STEP = 0.05
const BRUSH_STEP = 1.25

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
  previousPane: (viewer) => viewer.activate(-1),
  nextPane: (viewer) => viewer.activate(1),
  maximise: (viewer) => viewer.maximise(),
  play: (viewer) => viewer.play(),
  autoWindow: (viewer) => viewer.autoWindow(),
  nextWindow: (viewer) => viewer.nextWindow(),
  rotate: (viewer) => viewer.rotate(),
  flip: (viewer) => viewer.flip(),
  smallerBrush: (viewer) => viewer.brushBy(1 / BRUSH_STEP),
  largerBrush: (viewer) => viewer.brushBy(BRUSH_STEP),
}

/** These answer with a sentence where they do nothing. */
const REFUSABLE: Partial<Record<Command, (viewer: Viewer) => string | null>> = {
  reformat: (viewer) => viewer.reformat(),
  priors: (viewer) => viewer.togglePriors(),
}

function extend({ session, place }: Room, end: 'first' | 'last'): void {
  const item = session.snapshot().current?.item
  const at = place()
  if (item && at) session.extendItem(item, end, at)
}

/** What a press of Enter or of the button does; never past a number that is no answer, for it would be lost. */
export function submitFrom(
  session: ReadingSession,
  submit: () => unknown = () => session.submit(),
): void {
  const unfit = unfitNumber()
  unfit?.focus()
  unfit?.select()
  if (unfit) session.say(texts.kinds.unfit)
  else submit()
}

function whereShown({ session, assisted, modelHidden }: Room, accept: () => void): void {
  if (!assisted) return
  if (modelHidden) session.say(texts.reading.modelHidden)
  else accept()
}

const ROOM: Partial<Record<Command, (room: Room) => void>> = {
  submit: ({ session }) => submitFrom(session),
  notAssessable: ({ session }) => session.notAssessable(),
  search: intoSearch,
  undo: ({ session }) => session.undo(),
  redo: ({ session }) => session.redo(),
  skip: ({ session, open }) =>
    session.snapshot().current?.next.annotation.state === 'draft' && open('skip'),
  discuss: ({ session, open }) => session.snapshot().current && open('discuss'),
  nextField: ({ session }) => session.moveField(1),
  previousField: ({ session }) => session.moveField(-1),
  acceptAll: (room) =>
    whereShown(room, () => submitFrom(room.session, () => room.session.acceptAll())),
  accept: (room) => whereShown(room, () => room.session.accept()),
  heat: (room) => whereShown(room, () => room.toggleHeat()),
  hide: ({ assisted, toggleModel }) => assisted && toggleModel(),
  draw: ({ session }) => session.arm(),
  nextItem: ({ session }) => session.stepItem(1),
  previousItem: ({ session }) => session.stepItem(-1),
  remove: ({ session }) => session.removeSelected(),
  letGo: ({ session }) => session.letGo(),
  firstSlice: (room) => extend(room, 'first'),
  lastSlice: (room) => extend(room, 'last'),
  help: ({ open }) => open('keys'),
  settings: ({ open }) => open('settings'),
}

/** What a key does: to the room, or to the image once it stands. */
export function runCommand(command: Command, room: Room): void {
  ROOM[command]?.(room)
  const painted = room.session.snapshot().current?.pixels === 'painted'
  if (!room.viewer || !painted) return
  IMAGE[command]?.(room.viewer)
  const refusal = REFUSABLE[command]?.(room.viewer)
  if (refusal) room.session.say(refusal)
}
