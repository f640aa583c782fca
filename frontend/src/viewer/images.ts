import type { Types } from '@cornerstonejs/core'
import { wadors } from '@cornerstonejs/dicom-image-loader'
import { get } from '../api/http'
import { type Spacing, spacingOf } from '../geometry/spacing'
import { texts } from '../texts'
import { frameId, instanceAddress } from './address'
import { loadFrame } from './frames'
import { Silence } from './patience'
import type { ViewerImage } from './types'

/** DICOM JSON: tag to value. */
type Attributes = Record<string, { Value?: unknown[]; vr?: string }>

const spacings = new Map<string, Spacing | null>()
/** MONOCHROME1: the lowest value is white, so showing it as meant is showing it inverted. */
const whiteIsLow = new Set<string>()
const metadata = new Map<string, Promise<void>>()

function numbers(attributes: Attributes, tag: string): number[] | undefined {
  return attributes[tag]?.Value?.map(Number)
}

async function fetchMetadata(image: ViewerImage): Promise<void> {
  const [attributes] = await get<Attributes[]>(`${instanceAddress(image)}/metadata`)
  if (!attributes) throw new Error(texts.viewer.noMetadata)
  const imageId = frameId(image)
  spacings.set(imageId, spacingOf(numbers(attributes, '00280030'), numbers(attributes, '00181164')))
  if (attributes['00280004']?.Value?.[0] === 'MONOCHROME1') whiteIsLow.add(imageId)
  wadors.metaDataManager.add(imageId, attributes as never)
}

/** The loader needs the attributes before the frame; a failure is not remembered, so it can be retried. */
function withMetadata(image: ViewerImage): Promise<void> {
  const imageId = frameId(image)
  const known = metadata.get(imageId)
  if (known) return known
  const fetched = fetchMetadata(image)
  metadata.set(imageId, fetched)
  fetched.catch(() => metadata.delete(imageId))
  return fetched
}

export const spacingFor = (imageId: string): Spacing | null => spacings.get(imageId) ?? null

export const isWhiteLow = (imageId: string): boolean => whiteIsLow.has(imageId)

/** Whatever the loader throws (an Error, a response, an event), as one sentence. */
function sentence(reason: unknown): string {
  if (reason instanceof Silence) return texts.viewer.silent
  const inner = reason && typeof reason === 'object' && 'error' in reason ? reason.error : reason
  const status =
    inner && typeof inner === 'object' && 'status' in inner ? Number(inner.status) : Number.NaN
  if (status === 404) return texts.viewer.gone
  if (status === 401 || status === 403) return texts.viewer.notAllowed
  if (status >= 500) return texts.viewer.serverFailed(status)
  if (status === 0) return texts.viewer.unreachable
  if (inner instanceof Error && inner.message) return texts.viewer.undecodable(inner.message)
  return texts.viewer.failed
}

/** Fetched, decoded and in the cache, or an Error whose message can be shown. */
export async function loadPixels(image: ViewerImage): Promise<Types.IImage> {
  try {
    await withMetadata(image)
    const pixels = await loadFrame(frameId(image))
    if (!pixels?.rows || !pixels.columns) throw new Error(texts.viewer.noMetadata)
    return pixels
  } catch (reason) {
    throw new Error(sentence(reason))
  }
}
