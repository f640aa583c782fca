import { cache, getWebWorkerManager, imageLoader, type Types } from '@cornerstonejs/core'
import { decode, type Options } from './decode'
import { askedFor, type Delivery, take } from './delivery'
import { Silence, unlessSilent } from './patience'

/** The loader's name for its decoding workers. */
export const DECODERS = 'dicomImageLoader'
/** Without a byte or an answer for so long, a request or a decoder is taken for dead. */
const SILENCE_MS = 20_000

/** What of the frames under way has not come in full, by Cornerstone's name for the frame. */
const underWay = new Map<string, Delivery>()

/** A frame that has not come in full. */
export const coming = (id: string): Delivery | undefined => underWay.get(id) ?? askedFor(id)

/** For Cornerstone: fetches a frame and decodes it. */
export function load(id: string, options: Options = {}): Types.IImageLoadObject {
  const delivery = take(id)
  underWay.set(id, delivery)
  return { promise: decoded(id, delivery, options) }
}

async function decoded(id: string, delivery: Delivery, options: Options): Promise<Types.IImage> {
  try {
    const encoded = await delivery.whole
    underWay.delete(id)
    return await decode(id, encoded, options)
  } finally {
    if (underWay.get(id) === delivery) underWay.delete(id)
  }
}

/** A frame, decoded and in the cache. What fell silent is asked for once more. */
export async function loadFrame(id: string): Promise<Types.IImage> {
  try {
    return await patiently(id)
  } catch (reason) {
    if (!(reason instanceof Silence)) throw reason
    forget(id)
    return await patiently(id)
  }
}

function patiently(id: string): Promise<Types.IImage> {
  const work = cached(id)
  return unlessSilent(work, {
    milliseconds: SILENCE_MS,
    listen: (heard) => underWay.get(id)?.listen(heard) ?? (() => undefined),
  })
}

/** Not loadAndCacheImage(): that leaves a rejection of the cache's own that nobody can handle. */
function cached(id: string): Promise<Types.IImage> {
  const known = cache.getImageLoadObject(id)
  if (known) return known.promise
  const promise = imageLoader.loadImage(id)
  cache.putImageLoadObject(id, { promise }).catch(() => undefined) // told by the promise itself
  return promise
}

/** The cache would give the same dead promise again. A worker whose script did not come never answers either. */
function forget(id: string): void {
  if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true })
  const delivery = underWay.get(id)
  underWay.delete(id)
  if (delivery) delivery.cancel()
  else getWebWorkerManager().terminate(DECODERS) // the next frame starts another
}
