import { type RefObject, useEffect, useRef, useState } from 'react'
import { texts } from '../texts'
import { loadViewer, type View, type Viewer, type ViewerListener } from '../viewer'
import { layoutOf } from './layout'
import type { OpenCase, PixelState } from './open'

interface Wanted {
  open: OpenCase | null
  viewer: RefObject<Viewer | null>
  onPixels: (annotation: number, state: PixelState, sentence?: string) => void
  onGap?: (annotation: number, name: string, sentence: string) => void
  /** What is done to regions; the latest of these is told. */
  drawing: Pick<ViewerListener, 'onView' | 'onDrawn' | 'onEdited' | 'onSelected' | 'onMeasured'>
}

interface Shown {
  element: RefObject<HTMLDivElement | null>
  view: View | null
  /** A picture in few pixels stands where the image will. */
  preview: boolean
  retry: () => void
}

/** For browser tests and benchmarks: which image is really on the screen, and since when. */
function announcePainted(sopInstanceUid: string): void {
  document.documentElement.dataset.painted = sopInstanceUid
  performance.mark(`painted:${sopInstanceUid}`)
}

/** One viewer for the whole session; it is told whenever another case comes to hand. */
export function useViewer(wanted: Wanted): Shown {
  const { open, viewer } = wanted
  const element = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View | null>(null)
  const [attempt, setAttempt] = useState(0)
  const [previewed, setPreviewed] = useState<number | null>(null)
  const annotation = open?.next.annotation.id
  const latest = useRef(wanted)
  latest.current = wanted
  const renew = useRef(false)

  useEffect(() => {
    const shown = latest.current.open?.next
    if (annotation === undefined || !shown) return
    document.documentElement.dataset.painted = ''
    let gone = false
    const show = async (): Promise<void> => {
      if (shown.case.images.length === 0) throw new Error(texts.viewer.gone)
      const made =
        viewer.current ??
        (await createOn(element.current, listenerFor(latest, setView, setPreviewed)))
      if (!element.current?.isConnected) made.destroy()
      else {
        viewer.current = made
        if (!gone) await made.show(layoutOf(shown.case, shown.form.hanging))
      }
    }
    setPreviewed(null)
    if (attempt > 0) latest.current.onPixels(annotation, 'loading')
    if (renew.current) {
      // graphics that stopped do not come back: the image is shown by others
      viewer.current?.destroy()
      viewer.current = null
      renew.current = false
    }
    show().catch((reason: Error) => {
      if (!gone) latest.current.onPixels(annotation, 'failed', reason.message)
    })
    return () => {
      gone = true
    }
  }, [annotation, attempt, viewer])

  useEffect(
    () => () => {
      viewer.current?.destroy()
      viewer.current = null
      delete document.documentElement.dataset.painted
    },
    [viewer],
  )
  const retry = (): void => {
    renew.current = true
    setAttempt((count) => count + 1)
  }
  return { element, view, preview: previewed !== null && previewed === annotation, retry }
}

function listenerFor(
  latest: RefObject<Wanted>,
  onView: (view: View) => void,
  onPreview: (annotation: number) => void,
): ViewerListener {
  const at = (): OpenCase['next'] | undefined => latest.current.open?.next
  return {
    onPainted: (uid) => {
      const now = at()
      // the image of the case before may still be on its way to the screen when this one comes to hand
      if (!now?.case.images.some((image) => image.sop_instance_uid === uid)) return
      announcePainted(uid)
      latest.current.onPixels(now.annotation.id, 'painted')
    },
    onPreview: (uid) => {
      const now = at()
      if (!now?.case.images.some((image) => image.sop_instance_uid === uid)) return
      performance.mark(`preview:${uid}`) // for benchmarks
      onPreview(now.annotation.id)
    },
    onView: (view) => {
      onView(view)
      // a prior is looked at; what is told of a slice is told of the case's own
      if (at()?.case.images.some((image) => image.sop_instance_uid === view.sop_instance_uid))
        latest.current.drawing.onView?.(view)
    },
    onLost: (sentence) => {
      const now = at()
      if (now) latest.current.onPixels(now.annotation.id, 'failed', sentence)
    },
    onGap: (name, sentence) => {
      const now = at()
      if (now) latest.current.onGap?.(now.annotation.id, name, sentence)
    },
    onDrawn: (region) => latest.current.drawing.onDrawn?.(region),
    onEdited: (id, points, runs) => latest.current.drawing.onEdited?.(id, points, runs),
    onSelected: (id) => latest.current.drawing.onSelected?.(id),
    onMeasured: (id, measure) => latest.current.drawing.onMeasured?.(id, measure),
  }
}

/** Two cases that come to hand while the library loads get one viewer; a room that was left and entered anew, its own. */
const creating = new Map<HTMLDivElement, Promise<Viewer>>()

async function createOn(element: HTMLDivElement | null, listener: ViewerListener): Promise<Viewer> {
  if (!element) throw new Error(texts.viewer.failed)
  const begun =
    creating.get(element) ?? loadViewer().then((module) => module.createViewer(element, listener))
  creating.set(element, begun)
  try {
    return await begun
  } finally {
    creating.delete(element)
  }
}
