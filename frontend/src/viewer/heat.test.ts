import { afterEach, expect, test, vi } from 'vitest'
import type { Board } from './board'
import { Heat, STILL_MS } from './heat'
import { type Slice, slicesOf } from './slices'

const image = { study_instance_uid: '1', series_instance_uid: '2', wado_root: '/dicomweb' }
const slices = slicesOf([{ ...image, sop_instance_uid: 'PA' }])
const boards = [{ pane: { slices }, columns: 4, rows: 4 } as unknown as Board]
const map = (url: string) => ({ image: 'PA', frame: 1, url })

/** The picture of an address comes when it is told to. */
function coming(): Record<string, () => Promise<void>> {
  const come: Record<string, () => Promise<void>> = {}
  const answer = (url: string): Promise<object> =>
    new Promise((resolve) => {
      come[url] = async () => {
        resolve({ ok: true, blob: async () => url })
        for (let turn = 0; turn < 9; turn += 1) await Promise.resolve()
      }
    })
  vi.stubGlobal('fetch', answer)
  vi.stubGlobal('createImageBitmap', async () => ({ width: 1, height: 1 }))
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext() {
        const data = { data: new Uint8ClampedArray(4) }
        return { drawImage: () => 0, putImageData: () => 0, getImageData: () => data }
      }
    },
  )
  return come
}

afterEach(() => vi.unstubAllGlobals())

test('a map that comes after it was put away, or after another one, is not shown', async () => {
  const [slice] = slices
  const come = coming()
  const heat = new Heat(() => undefined)
  const shown = () => (slice ? heat.over(slice) : null)
  const one = heat.show(map('/one'), boards)
  let lies = false
  void one.then((came) => {
    lies = came
  })
  expect(lies).toBe(false)
  await come['/one']?.()
  expect(shown()).not.toBeNull()
  expect([lies, await one]).toEqual([true, true])
  const two = heat.show(map('/two'), boards)
  expect(await heat.show(null, boards)).toBe(false)
  await come['/two']?.()
  expect([shown(), await two]).toEqual([null, false])
  void heat.show(map('/three'), boards)
  void heat.show(map('/four'), boards)
  await come['/four']?.()
  const four = shown()
  await come['/three']?.()
  expect(four).not.toBeNull()
  expect(shown()).toBe(four)
})

test('a map of any view is asked for what is rested on, once, and not for what is scrolled past', async () => {
  vi.useFakeTimers()
  const stack = slicesOf([{ ...image, sop_instance_uid: 'MR', number_of_frames: 3 }])
  const [first, second, third] = stack as [Slice, Slice, Slice]
  const pane = { slices: stack, slice: second }
  const come = coming()
  const heat = new Heat(() => undefined)
  void heat.show({ image: 'MR', frame: 1, url: '/mr', any_view: true }, [
    { pane, columns: 4, rows: 4 } as unknown as Board,
  ])
  expect(heat.over(second)).toBeNull()
  pane.slice = third
  expect(heat.over(third)).toBeNull()
  vi.advanceTimersByTime(STILL_MS)
  expect(Object.keys(come)).toEqual(['/mr', '/mr?image=MR&frame=3'])
  await come['/mr?image=MR&frame=3']?.()
  expect(heat.over(third)).not.toBeNull()
  pane.slice = second
  expect(heat.over(second)).toBeNull()
  vi.advanceTimersByTime(STILL_MS)
  expect(Object.keys(come)).toContain('/mr?image=MR&frame=2')
  await come['/mr']?.()
  expect(heat.over(first)).not.toBeNull()
  vi.useRealTimers()
})

test('of a volume it is asked of the slices of its series alone', () => {
  vi.useFakeTimers()
  const [own, other] = ['2', '3'].map((series_instance_uid) =>
    slicesOf([{ ...image, series_instance_uid, sop_instance_uid: 'MR', number_of_frames: 2 }]),
  ) as [Slice[], Slice[]]
  const come = coming()
  const heat = new Heat(() => undefined)
  const panes = [own, other].map((all) => ({ slices: all, slice: all[1] }))
  void heat.show(
    { image: 'MR', frame: 1, url: '/ct', any_view: true, series: '2' },
    panes.map((pane) => ({ pane, columns: 4, rows: 4 }) as unknown as Board),
  )
  for (const { slice } of panes) if (slice) expect(heat.over(slice)).toBeNull()
  vi.advanceTimersByTime(STILL_MS)
  expect(Object.keys(come)).toEqual(['/ct', '/ct?image=MR&frame=2'])
  vi.useRealTimers()
})

test('a map that is not to be had is told', async () => {
  vi.stubGlobal('fetch', async () => ({ ok: false }))
  expect(await new Heat(() => undefined).show(map('/none'), boards)).toBe(false)
})
