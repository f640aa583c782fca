import { loadAhead } from './images'
import { Room } from './room'
import { setUp } from './setup'

export { warm } from './warm'

import type { Viewer, ViewerImage, ViewerListener } from './types'

export async function prefetch(images: readonly ViewerImage[]): Promise<void> {
  setUp()
  await loadAhead(images)
}

export function createViewer(element: HTMLDivElement, listener: ViewerListener): Viewer {
  setUp()
  return new Room(element, listener)
}
