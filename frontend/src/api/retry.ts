import { ApiError } from './http'

interface RetryPlan {
  /** Milliseconds to wait after the first, second, … failure; the last one repeats. */
  delays: readonly number[]
  /** Told about every failure that will be retried. */
  onRetry?: (error: ApiError) => void
  sleep?: (milliseconds: number) => Promise<void>
}

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** A signed-out reader signs in again in another tab; the request is worth repeating then. */
const worthRepeating = (error: unknown): error is ApiError =>
  error instanceof ApiError && (error.isTransient || error.status === 401)

/** Sends until the server says yes or no. The caller keeps the idempotency key the same throughout. */
export async function untilAnswered<T>(send: () => Promise<T>, plan: RetryPlan): Promise<T> {
  const sleep = plan.sleep ?? wait
  for (let failures = 0; ; failures += 1) {
    try {
      return await send()
    } catch (error) {
      if (!worthRepeating(error)) throw error
      plan.onRetry?.(error)
      await sleep(plan.delays[Math.min(failures, plan.delays.length - 1)] ?? 1000)
    }
  }
}
