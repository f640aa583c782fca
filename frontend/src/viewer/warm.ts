import { getWebWorkerManager } from '@cornerstonejs/core'
import { DECODERS, setUp } from './setup'

/** Eight by eight black pixels as HTJ2K: to decode them is to fetch and compile the decoder. */
const PICTURE =
  '/0//UQApQAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAUEBEAB/1wAEyCIkJCQkJCQ' +
  'kJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAABwAAf+TwAAm/38FB3QAAAAAAAD/2Q=='
const HTJ2K_LOSSLESS = '1.2.840.10008.1.2.4.201'

/** Has a decoder ready before there is anything to decode. That it fails shows when an image is asked for. */
export function warm(): void {
  setUp()
  const pixelData = Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0))
  const imageFrame = {
    rows: 8,
    columns: 8,
    samplesPerPixel: 1,
    bitsAllocated: 16,
    bitsStored: 16,
    pixelRepresentation: 0,
    photometricInterpretation: 'MONOCHROME2',
  }
  getWebWorkerManager()
    .executeTask(DECODERS, 'decodeTask', {
      imageFrame,
      transferSyntax: HTJ2K_LOSSLESS,
      pixelData,
      options: { preScale: { enabled: false } },
    })
    .catch(() => undefined)
}
