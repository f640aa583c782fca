import { get, put } from './http'

/** How a person wants the reading room; what is not here is as it comes. */
export interface Preferences {
  /** By command of the room: the key that it has instead. */
  keys?: Readonly<Record<string, string>>
  left_handed?: boolean
}

export interface Me {
  id: number
  username: string
  display_name: string
  is_staff: boolean
  version: string
  preferences: Preferences
}

export const getMe = (): Promise<Me> => get('/api/me/')

export const savePreferences = (preferences: Preferences): Promise<Preferences> =>
  put('/api/me/preferences/', preferences)
