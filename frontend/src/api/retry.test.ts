import { expect, test } from 'vitest'
import { ApiError } from './http'
import { untilAnswered } from './retry'

function attempts(...outcomes: (ApiError | string)[]): {
  send: () => Promise<string>
  slept: number[]
  sleep: (ms: number) => Promise<void>
} {
  const slept: number[] = []
  const send = async (): Promise<string> => {
    const outcome = outcomes.shift()
    if (outcome instanceof ApiError) throw outcome
    return outcome ?? ''
  }
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms)
  }
  return { send, slept, sleep }
}

const down = new ApiError(503, 'restarting')

test('it repeats until the server answers, waiting longer each time', async () => {
  const { send, slept, sleep } = attempts(down, new ApiError(0, 'gone'), down, 'yes')
  expect(await untilAnswered(send, { delays: [10, 20], sleep })).toBe('yes')
  expect(slept).toEqual([10, 20, 20])
})

test('it repeats while the reader is signed out', async () => {
  const { send, sleep } = attempts(new ApiError(401, 'signed out'), 'yes')
  expect(await untilAnswered(send, { delays: [10], sleep })).toBe('yes')
})

test('it takes a refusal for an answer', async () => {
  const refusal = new ApiError(409, 'stale')
  const { send, slept, sleep } = attempts(refusal, 'yes')
  await expect(untilAnswered(send, { delays: [10], sleep })).rejects.toBe(refusal)
  expect(slept).toEqual([])
})
