import { cache, imageLoader, type Types } from '@cornerstonejs/core'
import { createImage, wadors } from '@cornerstonejs/dicom-image-loader'
import { readyEngine } from './engines'
import { setUp } from './setup'

/** Eight by eight black pixels as HTJ2K: to show them is to fetch and compile decoder and shaders. */
const PICTURE =
  '/0//UQApQAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAUEBEAB/1wAEyCIkJCQkJCQ' +
  'kJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAABwAAf+TwAAm/38FB3QAAAAAAAD/2Q=='
const HTJ2K_LOSSLESS = '1.2.840.10008.1.2.4.201'
const NAME = 'warm:/frames/1'
const HEADER = {
  '00080060': { vr: 'CS', Value: ['DX'] },
  '00280002': { vr: 'US', Value: [1] },
  '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
  '00280010': { vr: 'US', Value: [8] },
  '00280011': { vr: 'US', Value: [8] },
  '00280100': { vr: 'US', Value: [16] },
  '00280101': { vr: 'US', Value: [16] },
  '00280103': { vr: 'US', Value: [0] },
}

function picture(): Types.IImageLoadObject {
  const bytes = Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0))
  return { promise: createImage(NAME, bytes, HTJ2K_LOSSLESS) as Promise<Types.IImage> }
}

/** Has decoder and graphics ready before there is an image. That they fail shows when one is asked for. */
export function warm(): void {
  setUp()
  imageLoader.registerImageLoader('warm', picture)
  wadors.metaDataManager.add(NAME, { ...HEADER } as never)
  readyEngine(NAME)
    .catch(() => undefined)
    .finally(() => {
      if (cache.getImageLoadObject(NAME)) cache.removeImageLoadObject(NAME, { force: true })
    })
}
