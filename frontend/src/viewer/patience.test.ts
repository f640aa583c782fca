import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Silence, unlessSilent } from './patience'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const never = new Promise<string>(() => undefined)

test('it gives what the work gives', async () => {
  expect(await unlessSilent(Promise.resolve('pixels'), { milliseconds: 10 })).toBe('pixels')
  await expect(
    unlessSilent(Promise.reject(new Error('gone')), { milliseconds: 10 }),
  ).rejects.toThrow('gone')
  expect(vi.getTimerCount()).toBe(0)
})

test('it gives up on work that never ends', async () => {
  const given = expect(unlessSilent(never, { milliseconds: 1000 })).rejects.toBeInstanceOf(Silence)
  await vi.advanceTimersByTimeAsync(1000)
  await given
})

test('it waits on while there are signs of life', async () => {
  let heard = (): void => undefined
  let stopped = false
  let over = false
  const listen = (call: () => void) => {
    heard = call
    return () => {
      stopped = true
    }
  }
  const given = unlessSilent(never, { milliseconds: 1000, listen }).catch(() => {
    over = true
  })
  for (let sign = 0; sign < 5; sign += 1) {
    await vi.advanceTimersByTimeAsync(900)
    heard()
  }
  expect([over, stopped]).toEqual([false, false])
  await vi.advanceTimersByTimeAsync(1000)
  await given
  expect([over, stopped]).toEqual([true, true])
})

test('the time of a hidden page does not count', async () => {
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  let over = false
  const given = unlessSilent(never, { milliseconds: 1000 }).catch(() => {
    over = true
  })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(over).toBe(false)
  visibility.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(1000)
  await given
  expect(over).toBe(true)
})
