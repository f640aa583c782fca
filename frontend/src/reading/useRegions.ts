import { type RefObject, useEffect, useMemo, useRef } from 'react'
import type { Item, Place } from '../api/forms'
import { chanceText } from '../geometry/zoom'
import { isRegion, itemOf, itemsOf, newItemId, pointsOf, shaped, shapeOfItem } from '../kinds/items'
import { isOpen, linkOf, shortLabel, slotsOf } from '../kinds/slots'
import type { Region, Tool, Viewer, ViewerListener } from '../viewer'
import { itemAt, shownItems, slotOfItem } from './items'
import { type OpenCase, slotAt, toolOf } from './open'
import type { ReadingSession } from './session'

/** What stands on the images: the reader's own regions of the open questions, and what the model proposes. */
export function regionsOf(open: OpenCase, hovered: string | null): Region[] {
  const { form } = open.next
  const pointed = hovered ?? open.item
  const slots = slotsOf(form)
  const several = slots.filter(({ field }) => isRegion(field)).length > 1
  return slots.flatMap((at): Region[] => {
    if (!isRegion(at.field)) return []
    const own = itemsOf(open.answers[at.slot]).length
    // what was marked before the finding was called absent is kept in the draft, not shown
    const asked = isOpen(form, open.answers, at)
    return shownItems(open, at).flatMap((item, index): Region[] => {
      const mine = index < own
      if (mine && !asked) return []
      const { id, image, frame } = item
      return [
        {
          id,
          slot: at.slot,
          shape: shapeOfItem(item),
          image,
          frame,
          points: pointsOf(item),
          ...('runs' in item ? { runs: item.runs } : {}),
          ...('extent' in item && item.extent ? { extent: item.extent } : {}),
          label: labelText(index, several ? shortLabel(at) : '', mine ? undefined : item.score),
          by: mine ? 'reader' : 'model',
          selected: pointed !== null && [id, linkOf(at)].includes(pointed),
        },
      ]
    })
  })
}

/** Each list counts from 1: where a form has several, the name of the question tells their regions apart. */
const labelText = (index: number, name: string, score: number | undefined): string =>
  [String(index + 1), name, score === undefined ? '' : chanceText(score)]
    .filter(Boolean)
    .join(' · ')

/** What the viewer reports becomes an answer; it draws nothing that the session does not hold. */
function drawingFor(session: ReadingSession, seen: (place: Place) => void): Drawing {
  const now = (): OpenCase | null => session.snapshot().current
  return {
    onView: ({ sop_instance_uid, frame }) => {
      if (sop_instance_uid) seen({ image: sop_instance_uid, frame: frame ?? 1 })
    },
    onDrawn: (drawn) => {
      const open = now()
      const at = open ? slotAt(open, drawn.slot) : undefined
      const image = open?.next.case.images.find((one) => one.sop_instance_uid === drawn.image)
      if (!at || !image) return
      const segment =
        at.field.kind === 'mask' ? (open?.segment ?? at.field.segments[0]?.value ?? null) : null
      const frame = { rows: image.rows, columns: image.columns }
      const item = itemOf(drawn, newItemId(), frame, segment)
      if (item) session.addItem(drawn.slot, item)
    },
    onEdited: (id, points, runs) => {
      const open = now()
      const at = open ? slotOfItem(open, id) : undefined
      const item = open ? itemAt(open, id) : undefined
      const shape = item && shaped(shapeOfItem(item), points, runs)
      if (at && shape) session.changeItem(at.slot, id, shape as Partial<Item>)
      // rubbed out to the last pixel
      else if (at && item && 'runs' in item) session.removeItem(at.slot, id)
    },
    onSelected: (id) => session.selectItem(id),
    onMeasured: (id, { value, unit, spacing }) =>
      session.measureItem(id, { value, unit, spacing } as Partial<Item>),
  }
}

type Drawing = Pick<ViewerListener, 'onView' | 'onDrawn' | 'onEdited' | 'onSelected' | 'onMeasured'>

interface Linked {
  regions: readonly Region[]
  tool: Tool | null
  drawing: Drawing
  /** The slice that the reader sees now. */
  place: () => Place | null
}

/** Session and viewer kept in step: what is held is drawn, what is drawn is held. */
export function useRegions(
  session: ReadingSession,
  open: OpenCase | null,
  viewer: RefObject<Viewer | null>,
  hovered: string | null,
): Linked {
  const place = useRef<Place | null>(null)
  const regions = useMemo(() => (open ? regionsOf(open, hovered) : []), [open, hovered])
  const { shape, slot } = toolOf(open) ?? { shape: null, slot: null }
  const tool = useMemo(() => (shape && slot ? { shape, slot } : null), [shape, slot])
  const drawing = useMemo(
    () =>
      drawingFor(session, (at) => {
        place.current = at
      }),
    [session],
  )
  // chosen in the list or by key, its slice comes to the screen
  const painted = open?.pixels === 'painted'
  const chosen = open ? itemAt(open, open.item) : undefined
  const { image, frame } = chosen ?? { image: null, frame: null }
  useEffect(() => {
    const seen = place.current
    if (!painted || image === null || frame === null) return
    if (seen?.image !== image || seen.frame !== frame) viewer.current?.goTo(image, frame)
  }, [viewer, painted, image, frame])
  return { regions, tool, drawing, place: () => place.current }
}
