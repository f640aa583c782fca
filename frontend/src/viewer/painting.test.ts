import { expect, test } from 'vitest'
import { pixelPoint } from '../geometry/types'
import type { Sheet } from './drawing'
import { Painting, underBrush } from './painting'
import type { Slice } from './slices'
import type { Region, Tool } from './types'

const tool: Tool = { shape: 'mask', slot: 'lesion' }
const sheet: Sheet = {
  shown: 'slice 1',
  columns: 8,
  rows: 4,
  pixelAt: ({ clientX, clientY }) => pixelPoint(clientX, clientY),
  canvasAt: ([x, y]) => [x, y],
}
const press = (clientX: number, clientY: number) => ({ clientX, clientY }) as PointerEvent
const sliceOf = (frame: number): Slice => ({
  id: `slice ${frame}`,
  frame,
  image: {
    study_instance_uid: '1.1',
    series_instance_uid: '1.2',
    sop_instance_uid: '1.3',
    wado_root: '/dicomweb',
  },
})

test('a stroke goes on with the selected mask of its own slice alone', () => {
  const mask: Region = {
    id: 'r1',
    slot: 'lesion',
    shape: 'mask',
    image: '1.3',
    frame: 5,
    points: [],
    runs: [3, 2],
    label: '1',
    by: 'reader',
    selected: true,
  }
  expect(underBrush([mask], tool, sliceOf(5))).toBe(mask)
  expect(underBrush([mask], tool, sliceOf(6))).toBeUndefined()
})

test('a stroke that another slice came under paints nothing', () => {
  const made: (readonly number[])[] = []
  const stroke = (end: Sheet): void => {
    const painting = new Painting(
      tool,
      () => 1,
      (runs) => made.push(runs),
    )
    painting.down(press(2, 2), sheet, [])
    painting.up(end)
  }
  stroke({ ...sheet, shown: 'slice 2' })
  expect(made).toEqual([])
  stroke(sheet)
  expect(made).toHaveLength(1)
})
