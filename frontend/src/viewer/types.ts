import type { Measure } from '../geometry/measure'
import type { Spacing } from '../geometry/spacing'
import type { PixelPoint } from '../geometry/types'

/** One image as the archive names it. */
export interface ViewerImage {
  study_instance_uid: string
  series_instance_uid: string
  sop_instance_uid: string
  wado_root: string
  number_of_frames?: number
  /** This frame alone, counted from 1; all of them where it is left out. */
  frame?: number
}

/** One stack of slices. */
export interface Pane {
  label: string
  images: readonly ViewerImage[]
  /** Of an earlier study: to look at, nothing is drawn on it, and the case stands without it. */
  prior?: boolean
}

export interface NamedWindow {
  name: string
  center: number
  width: number
}

/** How the images of a case hang. */
export interface Layout {
  rows: number
  columns: number
  panes: readonly Pane[]
  /** The grid while the priors are hidden. */
  today?: { rows: number; columns: number }
  /** Parallel stacks of one space scroll together. */
  linkScroll?: boolean
  /** Where the slice of the active pane cuts the others. */
  referenceLines?: boolean
  /** Nothing can be mirrored: a mirrored radiograph shows the other knee. Slices with a known orientation may always. */
  lockFlip?: boolean
  /** Presets beside those of the files. */
  windows?: readonly NamedWindow[]
}

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

/** Where a model looked: a picture over the whole frame, its brightness the weight. */
export interface HeatMap extends SlicePlace {
  url: string
  /** The address gives that of another image and frame as well. */
  any_view?: boolean
  /** Of this series alone. */
  series?: string
}

/** What can be read off the screen about how the image of the active pane is shown. */
export interface View {
  windowWidth: number
  windowLevel: number
  /** The name of what shows it: a preset, the file's own table; '' once it was moved by hand. */
  windowName: string
  /** Screen pixels per image pixel. */
  magnification: number
  /** Turned round by the reader: a MONOCHROME1 image as it is meant counts as not inverted. */
  inverted: boolean
  spacing: Spacing | null
  /** Which slice of the pane's stack, counted from 1. */
  image: number
  images: number
  pane: number
  panes: number
  /** One pane fills the area. */
  maximised: boolean
  playing: boolean
  mayFlip: boolean
  /** Of earlier studies: whether any hang, and show. */
  priors: 'none' | 'shown' | 'hidden'
  /** The active stack stands with its reformats. */
  reformatted: boolean
  /** Why it cannot, as a sentence; null where it can. */
  noReformat: string | null
  sop_instance_uid: string
  frame: number
}

export interface ViewerListener {
  /** The pixels of this image are on the screen. */
  onPainted: (sopInstanceUid: string) => void
  /** A picture of this image in few pixels is on the screen, until its own come. */
  onPreview?: (sopInstanceUid: string) => void
  onView: (view: View) => void
  /** The graphics were lost after the image had been shown. */
  onLost: (sentence: string) => void
  /** A slice cannot be shown; the others can. `name` tells it from them. */
  onGap?: (name: string, sentence: string) => void
  onDrawn?: (region: DrawnRegion) => void
  onEdited?: (id: string, points: readonly PixelPoint[], runs?: readonly number[]) => void
  onSelected?: (id: string | null) => void
  /** Once for each new or changed length and angle that is shown. */
  onMeasured?: (id: string, measure: Measure) => void
}

/** Shows the images of one case. All coordinates of callers are CSS pixels, those of regions pixels of their image. */
export interface Viewer {
  /** Resolves once the first image of every pane is drawn; rejects with a sentence when one cannot be had or drawn. */
  show: (layout: Layout) => Promise<void>
  setRegions: (regions: readonly Region[]) => void
  /** Resolves once it lies over its image; false where it is not to be had, or another one was asked for since. */
  setHeatMap: (map: HeatMap | null) => Promise<boolean>
  /** What comes from the model is not drawn. */
  setModelHidden: (hidden: boolean) => void
  /** Arms a drawing tool; null gives the mouse back to the window. */
  draw: (tool: Tool | null) => void
  /** Of the mask brush, in pixels of the image. */
  brushBy: (factor: number) => void
  goTo: (image: string, frame: number) => void
  /** One pane (the active one) fills the area, or all show again. */
  maximise: (pane?: number) => void
  /** Shows the active stack in the two other planes, or ends that; a sentence where it is no volume. */
  reformat: () => string | null
  /** Shows or hides the priors, in this case and those that follow; a sentence where there are none. */
  togglePriors: () => string | null
  /** The next (1) or previous (-1) pane becomes the active one. */
  activate: (by: number) => void
  invert: () => void
  reset: () => void
  fit: () => void
  oneToOne: () => void
  zoomBy: (factor: number) => void
  panBy: (x: number, y: number) => void
  /** By a quarter turn, clockwise. */
  rotate: () => void
  /** Mirrors left and right; does nothing where that is locked. */
  flip: () => void
  windowBy: (factor: number) => void
  /** Moves the level by this share of the window. */
  levelBy: (share: number) => void
  /** From the darkest to the brightest hundredth of what is on the slice. */
  autoWindow: () => void
  /** The next of the file's and the layout's windows. */
  nextWindow: () => void
  /** The next (1) or previous (-1) slice of the active pane. */
  step: (by: number) => void
  /** Runs through the stack of the active pane, or stops. */
  play: () => void
  magnify: (on: boolean) => void
  /** While true the left button pans. */
  holdPan: (on: boolean) => void
  destroy: () => void
}

export interface ViewerModule {
  /** Has ready what the first image needs, before there is one. */
  warm: () => void
  createViewer: (element: HTMLDivElement, listener: ViewerListener) => Viewer
  /** Fetches and decodes so that show() is at once; rejects with a sentence when that fails. */
  prefetch: (images: readonly ViewerImage[]) => Promise<void>
}
