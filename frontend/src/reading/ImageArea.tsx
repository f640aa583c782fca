import { Button, Group } from '@mantine/core'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { spacingText } from '../geometry/spacing'
import { percent } from '../geometry/zoom'
import { texts } from '../texts'
import { loadViewer, type View, type Viewer } from '../viewer'
import styles from './ImageArea.module.css'
import type { OpenCase, PixelState } from './open'

interface ImageAreaProps {
  open: OpenCase | null
  viewer: RefObject<Viewer | null>
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
      viewer.current ??= await createOn(element.current, {
        onPainted: (uid) => {
          announcePainted(uid)
          if (at.current !== undefined) report.current(at.current, 'painted')
        },
        onView: setView,
        onLost: (sentence) => {
          if (at.current !== undefined) report.current(at.current, 'failed', sentence)
        },
      })
      if (!gone) await viewer.current.show(wanted)
    }
    if (attempt > 0) report.current(annotation, 'loading')
    show().catch(failed)
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
  return { element, view, retry: () => setAttempt((count) => count + 1) }
}

let creating: Promise<Viewer> | null = null

async function createOn(
  element: HTMLDivElement | null,
  listener: Parameters<Awaited<ReturnType<typeof loadViewer>>['createViewer']>[1],
): Promise<Viewer> {
  if (!element) throw new Error(texts.viewer.failed)
  creating ??= loadViewer().then((module) => module.createViewer(element, listener))
  try {
    return await creating
  } finally {
    creating = null
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
