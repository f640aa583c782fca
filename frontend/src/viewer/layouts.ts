import type { Layout, ViewerImage } from './types'

/** All images as one stack in one pane. */
export const oneStack = (images: readonly ViewerImage[]): Layout => ({
  rows: 1,
  columns: 1,
  panes: [{ label: '', images }],
})
