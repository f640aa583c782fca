import { wadors } from '@cornerstonejs/dicom-image-loader'
import { get } from '../api/http'
import { texts } from '../texts'
import { type About, aboutFrame, lutItems } from './about'
import { frameId, instanceAddress, seriesAddress, uidOf } from './address'
import { type Attributes, items, numbers } from './attributes'
import type { Lut } from './modality'
import { grouped } from './slices'
import type { ViewerImage } from './types'

const SOP_INSTANCE_UID = '00080018'
const [MODALITY_LUT, LUT_DESCRIPTOR, LUT_DATA] = ['00283000', '00283002', '00283006']
/** The loader takes the first letter of its name for it, and then draws nothing; viewer/voi.ts sees to it. */
const VOI_LUT_FUNCTION = '00281056'
/** Of more images of a series than this the whole series is asked for at once. */
const ONE_BY_ONE = 3

interface Header {
  attributes: Attributes
  /** The entries of its VOI LUTs. */
  tables: ArrayLike<number>[]
  lut: Lut | null
}

const headers = new Map<string, Header>()
const underWay = new Map<string, Promise<void>>()
const abouts = new Map<string, About>()

/** The loader needs the attributes before the frame; a failure is not remembered, so it can be retried. */
export async function loadHeaders(images: readonly ViewerImage[]): Promise<void> {
  const bySeries = grouped(images, seriesAddress)
  await Promise.all(
    [...bySeries].flatMap(([address, ofSeries]) =>
      ofSeries.length > ONE_BY_ONE
        ? [once(address, ofSeries)]
        : ofSeries.map((image) => once(instanceAddress(image), [image])),
    ),
  )
}

async function once(address: string, images: readonly ViewerImage[]): Promise<void> {
  if (images.every((image) => headers.has(image.sop_instance_uid))) return
  const known = underWay.get(address)
  if (known) return known
  const fetched = fetchHeaders(address, images).finally(() => underWay.delete(address))
  underWay.set(address, fetched)
  return fetched
}

async function fetchHeaders(address: string, images: readonly ViewerImage[]): Promise<void> {
  const found = await get<Attributes[]>(`${address}/metadata`)
  const byUid = new Map(found.map((one) => [String(one[SOP_INSTANCE_UID]?.Value?.[0]), one]))
  await Promise.all(
    images.map(async (image) => {
      const attributes = byUid.get(image.sop_instance_uid)
      if (!attributes) throw new Error(texts.viewer.noMetadata)
      const tables = await Promise.all(lutItems(attributes).map(entriesOf))
      const lut = await modalityLut(attributes)
      const { [VOI_LUT_FUNCTION]: _, ...rest } = attributes
      wadors.metaDataManager.add(frameId(image), rest as never)
      headers.set(image.sop_instance_uid, { attributes, tables, lut })
    }),
  )
}

async function modalityLut(attributes: Attributes): Promise<Lut | null> {
  const [item] = items(attributes, MODALITY_LUT)
  if (!item) return null
  const [, first = 0] = numbers(item, LUT_DESCRIPTOR)
  const entries = await entriesOf(item)
  // rather no image than one whose values mean something else
  if (entries.length === 0) throw new Error(texts.viewer.noMetadata)
  return { first, entries }
}

/** Entries of a table: numbers, or bytes that stand at an address of their own (PS3.3 C.11.2.1.1). */
async function entriesOf(item: Attributes): Promise<ArrayLike<number>> {
  const data = item[LUT_DATA]
  if (data?.Value) return data.Value.map(Number)
  if (!data?.BulkDataURI) return []
  const answer = await fetch(data.BulkDataURI, { headers: { Accept: 'application/octet-stream' } })
  if (!answer.ok) throw answer
  const bytes = await answer.arrayBuffer()
  const [count] = numbers(item, LUT_DESCRIPTOR)
  const wide = bytes.byteLength >= 2 * (count || 65_536)
  return wide ? new Uint16Array(bytes, 0, bytes.byteLength >> 1) : new Uint8Array(bytes)
}

/** What turns the stored values of this frame into what was measured, where a table does. */
export const lutOf = (id: string): Lut | null => headers.get(uidOf(id))?.lut ?? null

/** What the header says of a frame whose header was loaded. */
export function aboutOf(image: ViewerImage, frame: number): About {
  const key = frameId(image, frame)
  const known = abouts.get(key)
  if (known) return known
  const header = headers.get(image.sop_instance_uid)
  if (!header) throw new Error(texts.viewer.noMetadata)
  const about = aboutFrame(header.attributes, frame, header.tables)
  abouts.set(key, about)
  return about
}

/** Forgets all but these, by SOP Instance UID. */
export function keepHeaders(kept: ReadonlySet<string>): void {
  for (const uid of headers.keys()) if (!kept.has(uid)) headers.delete(uid)
  abouts.clear()
  if (kept.size === 0) wadors.metaDataManager.purge()
}
