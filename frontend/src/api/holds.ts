import { get, post } from './http'
import type { Page } from './tasks'

/** Column, row, width, height in image pixels. */
export type PixelBox = [x: number, y: number, width: number, height: number]

/** An image that may show who the patient is, until somebody has looked. */
export interface Hold {
  sop_instance_uid: string
  study_instance_uid: string
  patient: string
  modality: string
  rows: number
  columns: number
  number_of_frames: number
  state: 'checking' | 'held'
  reasons: { code: string; sentence: string }[]
  boxes: PixelBox[]
  picture: string
}

interface HoldPage extends Page<Hold> {
  count: number
}

export const listHolds = (cursor: string | null): Promise<HoldPage> =>
  get(`/api/holds/${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`)

const act = (uid: string, verb: string, body: unknown = {}): Promise<unknown> =>
  post(`/api/holds/${uid}/${verb}/`, body)

/** Takes an image that everybody may see into the queue. */
export const holdImage = (uid: string): Promise<unknown> =>
  post('/api/holds/', { sop_instance_uid: uid })

export const releaseHold = (uid: string): Promise<unknown> => act(uid, 'release')

export const discardHold = (uid: string): Promise<unknown> => act(uid, 'discard')

/** Blacks the boxes out in every frame, and releases what is left. */
export const maskHold = (uid: string, boxes: readonly PixelBox[]): Promise<unknown> =>
  act(uid, 'mask', { boxes })
