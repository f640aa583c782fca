import type { Preferences } from '../api/me'
import { ALL, mayBeBound, type OwnKeys } from './keys'

export interface RoomPreferences {
  keys: OwnKeys
  /** The form stands to the left of the image. */
  leftHanded: boolean
}

/** What was stored may be of another version of the page: what it does not know is left out. */
export function roomPreferences(stored: Preferences | undefined): RoomPreferences {
  const known = ALL.flatMap((command) => {
    const key = stored?.keys?.[command]
    return typeof key === 'string' && mayBeBound(key) ? [[command, key]] : []
  })
  return { keys: Object.fromEntries(known), leftHanded: stored?.left_handed === true }
}
