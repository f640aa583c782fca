import { Button, Group } from '@mantine/core'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { spacingText } from '../geometry/spacing'
import { percent } from '../geometry/zoom'
import { texts } from '../texts'
import {
  loadViewer,
  type Region,
  type Tool,
  type View,
  type Viewer,
  type ViewerListener,
} from '../viewer'
import styles from './ImageArea.module.css'
import type { OpenCase, PixelState } from './open'

interface ImageAreaProps
  extends Pick<ViewerListener, 'onView' | 'onDrawn' | 'onEdited' | 'onSelected' | 'onMeasured'> {
  open: OpenCase | null
  viewer: RefObject<Viewer | null>
  /** What is marked in this case; it is drawn, and what is done to it is told. */
  regions: readonly Region[]
  /** Draws an answer; null gives the mouse back to the window. */
  tool: Tool | null
  modelHidden: boolean
  onPixels: (annotation: number, state: PixelState, sentence?: string) => void
  onSkip: () => void
}

/** For browser tests and benchmarks: which image is really on the screen, and since when. */
function announcePainted(sopInstanceUid: string): void {
  document.documentElement.dataset.painted = sopInstanceUid
  performance.mark(`painted:${sopInstanceUid}`)
}

/** One viewer for the whole session; it is told whenever another case comes to hand. */
function useViewer(props: ImageAreaProps): {
  element: RefObject<HTMLDivElement | null>
  view: View | null
  retry: () => void
} {
  const { open, viewer, onPixels } = props
  const element = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View | null>(null)
  const [attempt, setAttempt] = useState(0)
  const annotation = open?.next.annotation.id
  const at = useRef<number | undefined>(undefined)
  const report = useRef(onPixels)
  at.current = annotation
  report.current = onPixels
  const images = useRef(open?.next.case.images)
  images.current = open?.next.case.images
  const renew = useRef(false)
  const hear = useRef(props)
  hear.current = props

  useEffect(() => {
    if (annotation === undefined || !images.current) return
    const wanted = images.current
    document.documentElement.dataset.painted = ''
    let gone = false
    const failed = (reason: unknown): void => {
      if (!gone) report.current(annotation, 'failed', (reason as Error).message)
    }
    const show = async (): Promise<void> => {
      if (wanted.length === 0) throw new Error(texts.viewer.gone)
      const created = await (viewer.current ??
        createOn(element.current, {
          onPainted: (uid) => {
            // the image of the case before may still be on its way to the screen when this one comes to hand
            if (
              at.current === undefined ||
              !images.current?.some((i) => i.sop_instance_uid === uid)
            )
              return
            announcePainted(uid)
            report.current(at.current, 'painted')
          },
          onView: (seen) => {
            setView(seen)
            hear.current.onView?.(seen)
          },
          onDrawn: (region) => hear.current.onDrawn?.(region),
          onEdited: (id, points, runs) => hear.current.onEdited?.(id, points, runs),
          onSelected: (id) => hear.current.onSelected?.(id),
          onMeasured: (id, measure) => hear.current.onMeasured?.(id, measure),
          onLost: (sentence) => {
            if (at.current !== undefined) report.current(at.current, 'failed', sentence)
          },
        }))
      if (!element.current?.isConnected) created.destroy()
      else {
        viewer.current = created
        if (!gone) await created.show(wanted)
      }
    }
    if (attempt > 0) report.current(annotation, 'loading')
    if (renew.current) {
      // graphics that stopped do not come back: the image is shown by others
      viewer.current?.destroy()
      viewer.current = null
      renew.current = false
    }
    show().catch(failed)
    return () => {
      gone = true
    }
  }, [annotation, attempt, viewer])

  const painted = open?.pixels === 'painted'
  const { regions, tool, modelHidden } = props
  useEffect(() => {
    if (painted) viewer.current?.setRegions?.(regions)
  }, [viewer, painted, regions])
  useEffect(() => {
    if (painted) viewer.current?.draw?.(tool)
  }, [viewer, painted, tool])
  useEffect(() => {
    if (painted) viewer.current?.setModelHidden?.(modelHidden)
  }, [viewer, painted, modelHidden])

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
  return { element, view, retry }
}

/** Two cases that come to hand while the library loads get one viewer; a room that was left and entered anew, its own. */
const creating = new Map<HTMLDivElement, Promise<Viewer>>()

async function createOn(
  element: HTMLDivElement | null,
  listener: Parameters<Awaited<ReturnType<typeof loadViewer>>['createViewer']>[1],
): Promise<Viewer> {
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

function Readout({ view }: { view: View }): ReactNode {
  const spacing = spacingText(view.spacing)
  const parts = [
    `W ${Math.round(view.windowWidth)} L ${Math.round(view.windowLevel)}`,
    percent(view.magnification),
    ...(spacing ? [spacing] : []),
    ...(view.inverted ? [texts.reading.inverted] : []),
    ...(view.images > 1 ? [texts.reading.imageOf(view.image, view.images)] : []),
  ]
  return (
    <div className={styles.readout} data-testid="readout">
      {parts.join(' · ')}
    </div>
  )
}

function Failure(props: { sentence: string; onRetry: () => void; onSkip: () => void }): ReactNode {
  return (
    <div className={styles.message} role="alert" data-testid="pixels-failed">
      <h2>{texts.reading.noImage}</h2>
      <p>{props.sentence}</p>
      <Group gap="xs" justify="center">
        <Button onClick={props.onRetry}>{texts.reading.retry}</Button>
        <Button variant="default" onClick={props.onSkip}>
          {texts.reading.skip}
        </Button>
      </Group>
    </div>
  )
}

/** The image, black to the edges. It is covered until the pixels on the screen are those of this case. */
export function ImageArea(props: ImageAreaProps): ReactNode {
  const { open, viewer, onSkip } = props
  const { element, view, retry } = useViewer(props)
  const painted = open?.pixels === 'painted'
  return (
    <section className={styles.area} data-testid="image-area">
      <div
        ref={element}
        className={styles.viewport}
        data-testid="viewport"
        role="application"
        aria-label="Image"
        onDoubleClick={() => viewer.current?.fit()}
        onContextMenu={(event) => event.preventDefault()}
      />
      {open && painted && <div className={styles.side}>{open.next.case.laterality}</div>}
      {painted && view && <Readout view={view} />}
      {!painted && (
        <div className={styles.cover}>
          {open?.pixels === 'failed' ? (
            <Failure
              sentence={open.pixelsSentence ?? texts.viewer.failed}
              onRetry={retry}
              onSkip={onSkip}
            />
          ) : (
            <p className={styles.waiting}>
              {open ? texts.reading.loading : texts.reading.loadingCase}
            </p>
          )}
        </div>
      )}
    </section>
  )
}
