import { scaleOf } from './camera'
import type { StackPane } from './pane'
import type { View } from './types'
import { windowOf } from './voi'

type Seen = Pick<
  View,
  | 'windowWidth'
  | 'windowLevel'
  | 'windowName'
  | 'magnification'
  | 'inverted'
  | 'spacing'
  | 'image'
  | 'images'
  | 'sop_instance_uid'
  | 'frame'
>

export function readView(pane: StackPane): Seen | null {
  const { affine, voi, about, slice } = pane
  if (!affine || !about || !slice) return null
  const window = voi && windowOf(voi)
  return {
    windowWidth: window?.width ?? 256,
    windowLevel: window?.center ?? 128,
    windowName: voi?.name ?? '',
    magnification: scaleOf(affine),
    inverted: pane.inverted,
    spacing: about.spacing,
    image: (pane.gap ? pane.index : pane.slices.indexOf(slice)) + 1,
    images: pane.slices.length,
    sop_instance_uid: slice.image.sop_instance_uid,
    frame: slice.frame,
  }
}
