import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import { FILTERS, type Filter, listStudies, type Wanted } from '../api/archive'
import { keys } from '../api/queries'

const SEARCH_AFTER_MS = 250

/** What is asked for stands in the address, so that the way back from a study leads to the same list. */
export function useWanted(): {
  wanted: Wanted
  typed: string
  type: (text: string) => void
  filter: (name: Filter, value: string) => void
  clear: () => void
} {
  const [address, setAddress] = useSearchParams()
  const inAddress = address.get('search') ?? ''
  const [typed, type] = useState(inAddress)
  const [search] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS)
  const put = (name: string, value: string): void =>
    setAddress(
      (before) => {
        const after = new URLSearchParams(before)
        if (value) after.set(name, value)
        else after.delete(name)
        return after
      },
      { replace: true },
    )
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed is written, and once
  useEffect(() => {
    if (search !== inAddress) put('search', search)
  }, [search])
  const wanted = useMemo(
    () =>
      Object.fromEntries(
        ['search', ...FILTERS].map((name) => [name, address.get(name) ?? '']),
      ) as Wanted,
    [address],
  )
  return {
    wanted,
    typed,
    type,
    filter: put,
    clear: () => {
      type('')
      setAddress({}, { replace: true })
    },
  }
}

export const isFiltered = (wanted: Wanted): boolean => Object.values(wanted).some(Boolean)

export const useStudies = (wanted: Wanted) =>
  useInfiniteQuery({
    queryKey: keys.studies(wanted),
    queryFn: ({ pageParam }) => listStudies(wanted, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
