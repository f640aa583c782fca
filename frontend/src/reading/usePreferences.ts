import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Me, savePreferences } from '../api/me'
import { keys as queryKeys } from '../api/queries'
import { type RoomPreferences, roomPreferences } from './preferences'

export interface PreferencesHand {
  now: RoomPreferences
  /** In force at once; `error` where the server did not keep it. */
  change: (to: RoomPreferences) => void
  error: string | null
}

/** The reader's own keys and layout: kept by the server, so that they are the same on every machine. */
export function usePreferences(me: Me): PreferencesHand {
  const client = useQueryClient()
  const [stored, setStored] = useState(me.preferences)
  // one after the other: the last choice is the one that stays
  const save = useMutation({ mutationFn: savePreferences, scope: { id: 'preferences' } })
  return {
    now: roomPreferences(stored),
    change: ({ keys, leftHanded }) => {
      const preferences = { ...stored, keys, left_handed: leftHanded }
      setStored(preferences)
      client.setQueryData(queryKeys.me, { ...me, preferences })
      save.mutate(preferences)
    },
    error: save.error?.message ?? null,
  }
}
