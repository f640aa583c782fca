import type { Item, Place } from '../api/forms'
import type { CaseImage } from '../api/reading'
import type { ItemsHand } from '../kinds/items'
import type { Slot } from '../kinds/slots'
import { texts } from '../texts'
import { suggestionsOf } from './items'
import { type Command, type OwnKeys, printed } from './keys'
import { type OpenCase, toolOf } from './open'
import type { ReadingSession } from './session'

/** "PA" or "Sagittal PD, slice 12": where a region lies, where a case has more than one image. */
export function placeText(open: OpenCase, { image, frame }: Place): string {
  const { images } = open.next.case
  const at = images.findIndex((one) => one.sop_instance_uid === image)
  const found = images[at]
  if (!found) return ''
  // radiographs of one series are views, not slices
  const stackOf = (one: CaseImage): string => one.view_position || one.series_instance_uid
  const stack = images.filter((one) => stackOf(one) === stackOf(found))
  const slices = stack.length > 1 || found.number_of_frames > 1
  const slice = stack.length > 1 ? stack.indexOf(found) + 1 : frame
  const several = new Set(images.map(stackOf)).size > 1
  const name = found.view_position || found.series_description || ''
  const named = several ? name || texts.kinds.imageNumber(at + 1) : ''
  return [named, slices ? texts.kinds.slice(slice) : ''].filter(Boolean).join(', ')
}

/** What the list of a slot shows and does. */
export function handOf(
  session: ReadingSession,
  open: OpenCase,
  at: Slot,
  more: {
    hidden: boolean
    own: OwnKeys
    place: () => Place | null
    onHover: (id: string | null) => void
  },
): ItemsHand {
  const { slot } = at
  const active = open.activeSlot === slot
  const keyOf = (command: Command): string => printed(command, more.own)
  return {
    suggestions: suggestionsOf(open, at),
    hidden: more.hidden,
    selected: active ? open.item : null,
    attribute: active ? open.attribute : null,
    shape: active ? (toolOf(open)?.shape ?? null) : null,
    segment: open.segment,
    placeText: (item: Item) => placeText(open, item),
    drawKey: keyOf('draw'),
    searchKey: keyOf('search'),
    notAssessableKey: keyOf('notAssessable'),
    extentKeys: { first: keyOf('firstSlice'), last: keyOf('lastSlice') },
    onSelect: (id) => session.selectItem(id),
    onHover: more.onHover,
    onAccept: (id) => session.acceptItem(id),
    onRemove: (id) => session.removeItem(slot, id),
    onDraw: (shape) => session.arm(slot, shape),
    onNone: () => {
      session.focusSlot(slot)
      session.key('0')
    },
    onSegment: (segment) => session.paintSegment(slot, segment),
    onAttribute: (id, key, value) => session.attributeItem(id, key, value),
    onFocusAttribute: (key) => session.focusAttribute(key),
    onExtent: (id, end) => {
      const here = more.place()
      if (here) session.extendItem(id, end, here)
    },
  }
}
