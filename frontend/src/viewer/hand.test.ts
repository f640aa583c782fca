import { afterEach, expect, test } from 'vitest'
import { type PixelPoint, pixelPoint } from '../geometry/types'
import type { Board } from './board'
import { type Desk, Hand } from './hand'
import type { Region } from './types'

const region: Region = {
  ...{ id: 'r1', slot: 'boxes', shape: 'box', image: 'a', frame: 1, label: '1', by: 'reader' },
  points: [pixelPoint(10, 10), pixelPoint(20, 20)],
  selected: true,
}

/** A pane of a stack, one pixel of the image on one of the page, with a region's outline on it. */
function stack() {
  const root = document.body.appendChild(document.createElement('div'))
  root.setPointerCapture = () => undefined
  const svg = root.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
  const outline = svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'))
  outline.dataset.id = region.id
  const pane = { slice: {}, slices: [{}, {}] }
  const at = ({ clientX, clientY }: MouseEvent): PixelPoint => pixelPoint(clientX, clientY)
  const drawn = { shown: 'a', dragged: null, columns: 100, rows: 100, pixelAt: at, prior: false }
  const board = { ...{ root, svg, pane, refreshSoon: () => undefined }, ...drawn }
  return { board: board as unknown as Board & { shown: string }, outline }
}

afterEach(() => document.body.replaceChildren())

test('a region that is dragged stays where it was once another slice is shown', () => {
  const { board, outline } = stack()
  const edited: (readonly PixelPoint[])[] = []
  const desk = { regions: [region], tool: null, panning: false, activate: () => undefined }
  const told = { edited: (_: string, points: readonly PixelPoint[]) => edited.push(points) }
  const hand = new Hand(board, { ...desk, ...told } as unknown as Desk)
  const point = (name: string, x: number, moved = 0): void => {
    const more = { clientX: x, clientY: 15, movementX: moved, movementY: 0, button: 0 }
    outline.dispatchEvent(Object.assign(new PointerEvent(name, { bubbles: true }), more))
  }
  point('pointerdown', 15)
  point('pointermove', 25, 10)
  point('pointerup', 25)
  expect(edited).toEqual([[pixelPoint(20, 10), pixelPoint(30, 20)]])

  point('pointerdown', 15)
  point('pointermove', 25, 10)
  Object.assign(board, { shown: 'b' })
  point('pointermove', 35, 10)
  expect(board.dragged).toBeNull()
  point('pointerup', 35)
  Object.assign(board, { shown: 'a' })
  point('pointerdown', 15)
  point('pointermove', 25, 10)
  Object.assign(board, { shown: 'b' })
  point('pointerup', 25)
  expect([edited.length, board.dragged]).toEqual([1, null])
  hand.destroy()
})
