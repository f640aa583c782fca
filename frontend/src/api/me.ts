import { get } from './http'

export interface Me {
  id: number
  username: string
  display_name: string
  is_staff: boolean
  version: string
}

export const getMe = (): Promise<Me> => get('/api/me/')
