import type { Types } from '@cornerstonejs/core'
import { toIndex } from '../geometry/pixels'
import { canvasPoint, pixelPoint } from '../geometry/types'
import { magnification } from '../geometry/zoom'
import { isWhiteLow, spacingFor } from './images'
import type { View } from './types'

/** Screen pixels per image pixel, or null while there is no image. Not imageToWorldCoords: that swaps spacings. */
export function magnificationOf(viewport: Types.IStackViewport): number | null {
  const data = viewport.getImageData()
  const rows = data?.dimensions[1]
  const { indexToWorld } = data?.imageData ?? {}
  if (!indexToWorld || !rows) return null
  const onCanvas = (row: number) => {
    const world = indexToWorld(toIndex(pixelPoint(0, row)))
    const [x, y] = viewport.worldToCanvas(world as unknown as Types.Point3)
    return canvasPoint(x, y)
  }
  return magnification(onCanvas(0), onCanvas(rows), rows, window.devicePixelRatio || 1)
}

export function readView(viewport: Types.IStackViewport): View | null {
  const scale = magnificationOf(viewport)
  const { voiRange, invert } = viewport.getProperties()
  if (scale === null || !voiRange) return null
  const imageId = viewport.getCurrentImageId()
  return {
    // The width counts the values from the lowest to the highest, both included (PS3.3 C.11.2.1.2.1).
    windowWidth: voiRange.upper - voiRange.lower + 1,
    windowLevel: (voiRange.upper + voiRange.lower + 1) / 2,
    magnification: scale,
    inverted: Boolean(invert) !== isWhiteLow(imageId),
    spacing: spacingFor(imageId),
    image: viewport.getCurrentImageIdIndex() + 1,
    images: viewport.getImageIds().length,
  }
}
