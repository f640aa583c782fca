import { ask } from './delivery'
import { firstShown, slicesOf } from './slices'
import type { Layout, ViewerModule } from './types'

export { oneStack } from './layouts'
export type {
  DrawnRegion,
  HeatMap,
  Layout,
  NamedWindow,
  Pane,
  Region,
  RegionShape,
  SlicePlace,
  Tool,
  View,
  Viewer,
  ViewerImage,
  ViewerListener,
  ViewerModule,
} from './types'

let loading: Promise<ViewerModule> | null = null

/** The imaging library is a megabyte: it comes in its own chunk, the first time a page needs it. */
export function loadViewer(): Promise<ViewerModule> {
  loading ??= import('./cornerstone').catch((reason: unknown) => {
    loading = null
    throw reason
  })
  return loading
}

/** For pages from which images are soon looked at. */
export function warmViewer(): void {
  loadViewer()
    .then((viewer) => viewer.warm())
    .catch(() => undefined) // it is said where an image is asked for
}

/** Sends for the pixels that a layout shows first, while the viewer itself is still being made. */
export function askFirst({ panes }: Layout): void {
  for (const { images } of panes) {
    const slices = slicesOf(images)
    const first = slices[firstShown(slices.length)]
    if (first) ask(first.id)
  }
}
