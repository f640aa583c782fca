import { type Types, utilities } from '@cornerstonejs/core'
import { nodesOf, rangeOf, type Voi } from './voi'

/**
 * Shows the values of a pane by `voi`. Cornerstone knows straight windows alone, and rebuilds its curve with each image:
 * so the curve is put in place by ourselves, after every new image.
 */
export function applyVoi(viewport: Types.IStackViewport, voi: Voi, inverted: boolean): void {
  viewport.setProperties({ voiRange: rangeOf(voi) }, true)
  const [entry] = viewport.getActors()
  if (!entry || !('getProperty' in entry.actor)) return
  const curve = utilities.createLinearRGBTransferFunction(rangeOf(voi))
  const nodes = nodesOf(voi).map(([x, brightness]) => {
    const grey = inverted ? 1 - brightness : brightness
    return { x, r: grey, g: grey, b: grey, midpoint: 0.5, sharpness: 0 }
  })
  curve.setNodes(nodes)
  const property = (entry.actor as Types.ImageActor).getProperty()
  property.setRGBTransferFunction(0, curve)
}
