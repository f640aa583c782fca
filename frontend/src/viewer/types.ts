import type { Spacing } from '../geometry/spacing'
import type { PixelPoint } from '../geometry/types'

export type RegionShape = 'box' | 'point' | 'polygon' | 'length' | 'angle' | 'mask'

export interface SlicePlace {
  image: string
  frame: number
}

/** Something marked on a slice, as the page has it: the viewer draws what it is given and reports what is done to it. */
export interface Region extends SlicePlace {
  id: string
  slot: string
  shape: RegionShape
  /** A box: two corners. A length: two ends. An angle: its corner in the middle. A mask: none. */
  points: readonly PixelPoint[]
  /** Of a mask: [start, length, …], row by row. */
  runs?: readonly number[]
  label: string
  by: 'reader' | 'model'
  selected: boolean
  /** Slices that it reaches to as well. */
  extent?: { first: SlicePlace; last: SlicePlace }
}

export type DrawnRegion = Omit<Region, 'id' | 'label' | 'selected' | 'by'>

export interface Tool {
  shape: RegionShape
  slot: string
}

/** What can be read off the screen about how the image is shown. */
export interface View {
  windowWidth: number
  windowLevel: number
  /** Screen pixels per image pixel. */
  magnification: number
  /** Turned round by the reader: a MONOCHROME1 image as it is meant counts as not inverted. */
  inverted: boolean
  spacing: Spacing | null
  /** Which of the case's images, counted from 1. */
  image: number
  images: number
  sop_instance_uid?: string
  frame?: number
}

export interface ViewerListener {
  /** The pixels of this image are on the screen. */
  onPainted: (sopInstanceUid: string) => void
  onView: (view: View) => void
  /** The graphics were lost after the image had been shown. */
  onLost: (sentence: string) => void
  onDrawn?: (region: DrawnRegion) => void
  onEdited?: (id: string, points: readonly PixelPoint[], runs?: readonly number[]) => void
  onSelected?: (id: string | null) => void
  onMeasured?: (
    id: string,
    measure: {
      value: number
      unit: 'mm' | 'px' | 'deg'
      spacing: 'patient' | 'detector' | 'unknown'
    },
  ) => void
}

/** Shows the images of one case. All coordinates of callers are CSS pixels. */
export interface Viewer {
  /** Resolves once the first image is drawn; rejects with a sentence when it cannot be had or drawn. */
  show: (images: readonly ViewerImage[]) => Promise<void>
  invert: () => void
  reset: () => void
  fit: () => void
  oneToOne: () => void
  zoomBy: (factor: number) => void
  panBy: (x: number, y: number) => void
  windowBy: (factor: number) => void
  /** Moves the level by this share of the window. */
  levelBy: (share: number) => void
  /** The next (1) or previous (-1) image of the case. */
  step: (by: number) => void
  /** While true the left button pans. */
  holdPan: (on: boolean) => void
  setRegions?: (regions: readonly Region[]) => void
  setModelHidden?: (hidden: boolean) => void
  /** Arms a drawing tool; null goes back to window and level. */
  draw?: (tool: Tool | null) => void
  goTo?: (image: string, frame: number) => void
  activate?: (by: number) => void
  maximise?: (pane?: number) => void
  play?: () => void
  autoWindow?: () => void
  nextWindow?: () => void
  rotate?: () => void
  flip?: () => void
  brushBy?: (factor: number) => void
  destroy: () => void
}

/** One image as the archive names it. */
export interface ViewerImage {
  study_instance_uid: string
  series_instance_uid: string
  sop_instance_uid: string
  wado_root: string
}

export interface ViewerModule {
  createViewer: (element: HTMLDivElement, listener: ViewerListener) => Viewer
  /** Fetches and decodes so that show() is at once; rejects with a sentence when that fails. */
  prefetch: (images: readonly ViewerImage[]) => Promise<void>
}
