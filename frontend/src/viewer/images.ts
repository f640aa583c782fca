import { cache, getWebWorkerManager, type Types } from '@cornerstonejs/core'
import { texts } from '../texts'
import { ask, forgetAsked } from './delivery'
import { DECODERS, loadFrame } from './frames'
import { keepHeaders, loadHeaders } from './headers'
import { longestSide } from './largest'
import { Lost } from './lost'
import { Silence } from './patience'
import { firstShown, grouped, outwards, type Slice, slicesOf } from './slices'
import type { ViewerImage } from './types'

/** So much of the case ahead is decoded before it is asked for. */
const AHEAD_BYTES = 150 * 1024 * 1024

/** Frames that were asked for and not yet let go, by image. */
const held = new Map<string, Set<string>>()
let shown: readonly ViewerImage[] = []
let ahead: readonly ViewerImage[] = []

/** Whatever the loader throws (an Error, a response, an event), as one sentence. */
function sentence(reason: unknown): string {
  if (reason instanceof Silence) return texts.viewer.silent
  if (reason instanceof Lost) return reason.message
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

/** What the server does not have or the decoder cannot read is lost; all else may come when it is asked for again. */
function isLost(reason: unknown): boolean {
  if (reason instanceof Silence) return false
  const status = reason && typeof reason === 'object' && 'status' in reason ? reason.status : null
  return status === null || status === 404
}

async function told<T>(work: Promise<T>, mayBeLost = false): Promise<T> {
  try {
    return await work
  } catch (reason) {
    if (mayBeLost && isLost(reason)) throw new Lost(sentence(reason))
    throw new Error(sentence(reason))
  }
}

/** The headers of these images, or an Error whose message can be shown. */
export const loadCase = (images: readonly ViewerImage[]): Promise<void> => told(loadHeaders(images))

/** Fetched, decoded and in the cache, or an Error whose message can be shown; Lost where it is this image's own. */
export const loadPixels = (slice: Slice): Promise<Types.IImage> => told(pixelsOf(slice), true)

async function pixelsOf({ image, id }: Slice): Promise<Types.IImage> {
  const uid = image.sop_instance_uid
  held.set(uid, (held.get(uid) ?? new Set()).add(id))
  if (!cache.getImageLoadObject(id)) ask(id)
  await loadHeaders([image])
  const pixels = await loadFrame(id)
  if (!pixels?.rows || !pixels.columns) throw new Error(texts.viewer.noMetadata)
  const { rows, columns } = pixels
  if (Math.max(rows, columns) > longestSide())
    throw new Lost(texts.viewer.tooLarge(columns, rows, longestSide()))
  performance.mark(`decoded:${uid}`, { detail: pixels.decodeTimeInMS }) // for benchmarks
  if (!held.has(uid)) letGo(id) // nobody waits for it any more
  return pixels
}

/** The case that comes next: the middle slice of each series first, then the others, up to the bound. */
export async function loadAhead(images: readonly ViewerImage[]): Promise<void> {
  ahead = images
  await loadCase(images)
  const stacks = [...grouped(images, (image) => image.series_instance_uid).values()].map(slicesOf)
  const orders = stacks.map((slices) => outwards(slices, firstShown(slices.length)))
  let bytes = 0
  for (let at = 0; at < Math.max(0, ...orders.map((order) => order.length)); at++) {
    const pixels = await Promise.all(orders.flatMap((order) => order[at] ?? []).map(loadPixels))
    bytes += pixels.reduce((sum, one) => sum + one.sizeInBytes, 0)
    if (bytes > AHEAD_BYTES || ahead !== images) return
  }
}

/** These are on the screen now; what is neither shown nor ahead leaves the memory. */
export function keep(images: readonly ViewerImage[]): void {
  shown = images
  const kept = new Set([...shown, ...ahead].map((image) => image.sop_instance_uid))
  for (const [uid, ids] of held) {
    if (kept.has(uid)) continue
    held.delete(uid)
    for (const id of ids) letGo(id)
  }
  keepHeaders(kept)
}

/** Nobody looks any more. */
export function keepNothing(): void {
  ahead = []
  keep([])
  forgetAsked()
  cache.purgeCache()
  getWebWorkerManager().terminate(DECODERS) // their memory only ever grows; the next frame starts others
}

function letGo(id: string): void {
  if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true })
}
