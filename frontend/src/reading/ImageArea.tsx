import { Button, Group } from '@mantine/core'
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import { texts } from '../texts'
import type { HeatMap, Region, Tool, Viewer, ViewerListener } from '../viewer'
import { HeatLegend } from './HeatLegend'
import type { Heat } from './heat'
import styles from './ImageArea.module.css'
import type { OpenCase, PixelState } from './open'
import { Readout } from './Readout'
import { settledSide } from './side'
import { Toolbar } from './Toolbar'
import { type Ruler, useRulers } from './useRulers'
import { useViewer } from './useViewer'

interface ImageAreaProps
  extends Pick<ViewerListener, 'onView' | 'onDrawn' | 'onEdited' | 'onSelected' | 'onMeasured'> {
  open: OpenCase | null
  viewer: RefObject<Viewer | null>
  /** What is marked in this case; it is drawn, and what is done to it is told. */
  regions?: readonly Region[]
  /** Draws an answer; null gives the mouse back to the window. */
  tool?: Tool | null
  modelHidden?: boolean
  /** Where the model looked, while the reader asks for it. */
  heat?: Heat | null
  onPixels: (annotation: number, state: PixelState, sentence?: string) => void
  onGap?: (annotation: number, name: string, sentence: string) => void
  onSkip: () => void
  /** Why a tool did nothing. */
  onRefused?: (sentence: string) => void
}

const NONE: readonly Region[] = []

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

/** What lies over the image, told to the viewer whenever it changed and the image stands. */
function useOverlay(
  props: ImageAreaProps,
  overlay: { regions: readonly Region[]; tool: Tool | null; painted: boolean },
): { heat: 'coming' | 'lies' | 'lost' } {
  const { viewer, modelHidden = false, heat = null, onRefused } = props
  const map = heat?.map ?? null
  const [came, setCame] = useState<{ map: HeatMap | null; lies: boolean } | null>(null)
  const refused = useRef(onRefused)
  refused.current = onRefused
  const { regions, tool, painted } = overlay
  useEffect(() => {
    if (painted) viewer.current?.setRegions(regions)
  }, [viewer, regions, painted])
  useEffect(() => {
    if (painted) viewer.current?.draw(tool)
  }, [viewer, tool, painted])
  useEffect(() => {
    if (!painted) return
    let wanted = true
    setCame(null)
    void viewer.current?.setHeatMap(map).then((lies) => {
      if (!wanted) return
      setCame({ map, lies })
      if (map && !lies) refused.current?.(texts.reading.heatLost)
    })
    return () => {
      wanted = false
    }
  }, [viewer, map, painted])
  useEffect(() => {
    if (painted) viewer.current?.setModelHidden(modelHidden)
  }, [viewer, modelHidden, painted])
  return { heat: came === null || came.map !== map ? 'coming' : came.lies ? 'lies' : 'lost' }
}

/** The image, black to the edges. It is covered until the pixels on the screen are those of this case. */
export function ImageArea(props: ImageAreaProps): ReactNode {
  const { open, viewer, onSkip, onPixels, regions = NONE, tool = null } = props
  const rulers = useRulers(open?.next.annotation.id)
  const [magnifying, setMagnifying] = useState(false)
  const { element, view, preview, retry } = useViewer({
    open,
    viewer,
    onPixels,
    onGap: props.onGap,
    drawing: {
      onView: (seen) => props.onView?.(seen),
      onDrawn: (region) => rulers.drawn(region) || props.onDrawn?.(region),
      onEdited: (id, points, runs) =>
        rulers.edited(id, points) || props.onEdited?.(id, points, runs),
      onSelected: (id) => {
        props.onSelected?.(rulers.selected(id) ? null : id)
      },
      onMeasured: (id, measure) => props.onMeasured?.(id, measure),
    },
  })
  const painted = open?.pixels === 'painted'
  const all = useMemo(() => [...regions, ...rulers.regions], [regions, rulers.regions])
  const overlay = useOverlay(props, { regions: all, tool: rulers.tool ?? tool, painted })
  return (
    <section className={styles.area} data-testid="image-area">
      <div
        ref={element}
        className={styles.viewport}
        data-testid="viewport"
        role="application"
        aria-label={texts.viewer.image}
        onContextMenu={(event) => event.preventDefault()}
      />
      {open && painted && <div className={styles.side}>{settledSide(open)}</div>}
      {painted && view && <Readout view={view} />}
      {painted && props.heat && !props.modelHidden && overlay.heat !== 'lost' && (
        <HeatLegend {...props.heat} coming={overlay.heat === 'coming'} />
      )}
      {painted && view && viewer.current && (
        <Toolbar
          viewer={viewer.current}
          view={view}
          ruler={(rulers.tool?.shape as Ruler) ?? null}
          magnifying={magnifying}
          onRuler={rulers.arm}
          onMagnify={(on) => {
            setMagnifying(on)
            viewer.current?.magnify(on)
          }}
          onRefused={(sentence) => props.onRefused?.(sentence)}
        />
      )}
      {!painted && (
        <div
          className={styles.cover}
          data-preview={(preview && open?.pixels === 'loading') || undefined}
        >
          {open?.pixels === 'failed' ? (
            <Failure
              sentence={open.pixelsSentence ?? texts.viewer.failed}
              onRetry={retry}
              onSkip={onSkip}
            />
          ) : (
            <p className={styles.waiting}>
              {open ? texts.reading[preview ? 'preview' : 'loading'] : texts.reading.loadingCase}
            </p>
          )}
        </div>
      )}
    </section>
  )
}
