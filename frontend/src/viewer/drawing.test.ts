import { expect, test } from 'vitest'
import { type PixelPoint, pixelPoint } from '../geometry/types'
import { Drawing, moved, reshaped, type Sheet } from './drawing'
import type { RegionShape } from './types'

const sheet: Sheet = {
  shown: 'slice 1',
  columns: 100,
  rows: 50,
  pixelAt: ({ clientX, clientY }) => pixelPoint(clientX, clientY),
  canvasAt: ([x, y]) => [x, y],
}
const press = (clientX: number, clientY: number) => ({ clientX, clientY }) as PointerEvent

function draw(shape: Exclude<RegionShape, 'mask'>): {
  drawing: Drawing
  made: (readonly PixelPoint[])[]
} {
  const made: (readonly PixelPoint[])[] = []
  return { made, drawing: new Drawing({ shape, slot: 'here' }, (points) => made.push(points)) }
}

test('a drag draws a box, upper left corner first, and no further than the image goes', () => {
  const { drawing, made } = draw('box')
  drawing.down(press(60, 40), sheet)
  drawing.move(press(10, 70), sheet)
  expect(drawing.sketch?.points).toEqual([pixelPoint(60, 40), pixelPoint(10, 50)])
  drawing.up(press(10, 70), sheet)
  expect(made).toEqual([[pixelPoint(10, 40), pixelPoint(60, 50)]])
  expect(drawing.begun(sheet)).toBe(false)
})

test('two clicks draw it as well, and one that slips draws nothing', () => {
  const { drawing, made } = draw('box')
  for (const [x, y] of [
    [10, 10],
    [30, 20],
  ] as const) {
    drawing.down(press(x, y), sheet)
    drawing.up(press(x, y), sheet)
  }
  expect(made).toEqual([[pixelPoint(10, 10), pixelPoint(30, 20)]])
  drawing.down(press(5, 5), sheet)
  drawing.down(press(5, 40), sheet)
  expect(made).toHaveLength(1)
})

test('a polygon is closed on its first corner or by Enter, never with two corners', () => {
  const { drawing, made } = draw('polygon')
  const corners = [press(10, 10), press(60, 10), press(60, 40)]
  for (const corner of corners.slice(0, 2)) drawing.down(corner, sheet)
  drawing.close(sheet)
  expect(made).toEqual([])
  drawing.down(press(60, 40), sheet)
  drawing.down(press(12, 12), sheet)
  for (const corner of corners) drawing.down(corner, sheet)
  drawing.close(sheet)
  expect(made.map((points) => points.length)).toEqual([3, 3])
})

test('an angle takes three clicks', () => {
  const { drawing, made } = draw('angle')
  for (const [x, y] of [
    [0, 0],
    [50, 0],
    [50, 50],
  ] as const)
    drawing.down(press(x, y), sheet)
  expect(made).toHaveLength(1)
})

test('a corner of a box is dragged past the opposite one', () => {
  const box = [pixelPoint(10, 10), pixelPoint(30, 20)]
  expect(reshaped('box', box, 0, pixelPoint(40, 40))).toEqual([
    pixelPoint(30, 20),
    pixelPoint(40, 40),
  ])
  expect(reshaped('box', box, 1, pixelPoint(50, 5))).toEqual([
    pixelPoint(10, 5),
    pixelPoint(50, 20),
  ])
})

test('what is moved keeps its size at the edge of the image', () => {
  const box = [pixelPoint(10, 10), pixelPoint(30, 20)]
  expect(moved(box, [-50, 5], sheet)).toEqual([pixelPoint(0, 15), pixelPoint(20, 25)])
})

test('a shape that was begun on one slice is never finished on another', () => {
  const other = { ...sheet, shown: 'slice 2' }
  const box = draw('box')
  box.drawing.down(press(10, 10), sheet)
  box.drawing.up(press(40, 40), other)
  const polygon = draw('polygon')
  for (const [x, y] of [
    [10, 10],
    [60, 10],
    [60, 40],
  ] as const)
    polygon.drawing.down(press(x, y), sheet)
  polygon.drawing.close(other)
  expect([...box.made, ...polygon.made]).toEqual([])
  expect(polygon.drawing.sketch).toBeNull()
})
