import type { Spacing } from '../geometry/spacing'

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
}

export interface ViewerListener {
  /** The pixels of this image are on the screen. */
  onPainted: (sopInstanceUid: string) => void
  onView: (view: View) => void
  /** The graphics were lost after the image had been shown. */
  onLost: (sentence: string) => void
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
  destroy: () => void
}

/** One image as the archive names it. */
export interface ViewerImage {
  study_instance_uid: string
  series_instance_uid: string
  sop_instance_uid: string
  /** Counted from 1; the first where it is left out. */
  frame?: number
  wado_root: string
}

export interface ViewerModule {
  createViewer: (element: HTMLDivElement, listener: ViewerListener) => Viewer
  /** Fetches and decodes so that show() is at once; rejects with a sentence when that fails. */
  prefetch: (images: readonly ViewerImage[]) => Promise<void>
}
