import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import {
  discardHold,
  type Hold,
  listHolds,
  maskHold,
  type PixelBox,
  releaseHold,
} from '../../api/holds'
import { ApiError } from '../../api/http'
import { keys } from '../../api/queries'

/** Fetches on when so few are left to go through. */
const AHEAD = 5

export type Decision =
  | { verb: 'mask'; boxes: PixelBox[] }
  | { verb: 'release' }
  | { verb: 'discard' }

const SEND: Record<Decision['verb'], (uid: string, decision: Decision) => Promise<unknown>> = {
  mask: (uid, decision) => maskHold(uid, decision.verb === 'mask' ? decision.boxes : []),
  release: releaseHold,
  discard: discardHold,
}

/** Somebody else was faster: there is nothing left to decide. */
const isDecidedElsewhere = (error: Error): boolean =>
  error instanceof ApiError && (error.status === 404 || error.status === 409)

/** Where one stands in what is left: `at` counts those that are not decided yet. */
export function useQueue() {
  const client = useQueryClient()
  const [at, setAt] = useState(0)
  const [decided, setDecided] = useState<readonly string[]>([])
  const query = useInfiniteQuery({
    queryKey: keys.holds('queue'),
    queryFn: ({ pageParam }) => listHolds(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    // The list must not change under the hand; what comes in meanwhile shows at the next visit.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const listed = query.data?.pages.flatMap((page) => page.results) ?? []
  const left = listed.filter((hold) => !decided.includes(hold.sop_instance_uid))
  const here = Math.min(at, Math.max(0, left.length - 1))
  const total = query.data?.pages[0]?.count ?? 0

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && left.length - here < AHEAD) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, left.length, here])

  const decide = useMutation({
    mutationFn: ({ hold, decision }: { hold: Hold; decision: Decision }) =>
      SEND[decision.verb](hold.sop_instance_uid, decision),
    onSettled: (_, error, { hold }) => {
      if (error && !isDecidedElsewhere(error)) return
      setAt(here)
      setDecided((before) => [...before, hold.sop_instance_uid])
      for (const key of [keys.holds('count'), keys.studies(), ['study'], keys.uploads()])
        void client.invalidateQueries({ queryKey: key })
    },
  })
  return {
    query,
    hold: left[here],
    left: Math.max(left.length, total - decided.length),
    isFirst: here === 0,
    isLast: here >= left.length - 1,
    step: (by: number) => {
      decide.reset()
      setAt(Math.min(left.length - 1, Math.max(0, here + by)))
    },
    decide,
  }
}
