import { expect, test } from 'vitest'
import { pixelPoint } from '../geometry/types'
import { drawMarks, type Mark, type Scene, sayOn } from './marks'

const box = (id: string, x: number, more: Partial<Mark> = {}): Mark => ({
  ...{ id, slot: 'boxes', shape: 'box', image: 'pa', frame: 1, label: id, by: 'reader' },
  ...{ selected: false, through: false },
  points: [pixelPoint(x, 0), pixelPoint(x + 10, 10)],
  ...more,
})

const scene = (marks: Mark[], more: Partial<Scene> = {}): Scene => ({
  ...{ affine: [1, 0, 0, 1, 0, 0], spacing: null, lines: [], corner: 'PA' },
  edges: { left: 'R', right: 'L', top: 'H', bottom: 'F' },
  marks,
  ...more,
})

const board = (): SVGSVGElement =>
  document.body.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))

const regions = (svg: SVGSVGElement): (string | null)[] =>
  [...svg.querySelectorAll('[data-region]')].map((one) => one.getAttribute('data-region'))

/** What a board shows that was never drawn on before. */
function fresh(of: Scene): string {
  const svg = board()
  drawMarks(svg, of)
  return svg.innerHTML
}

test('of many boxes only the one under the hand is made anew, in its place', async () => {
  const svg = board()
  drawMarks(svg, scene([box('a', 0), box('b', 20), box('c', 40)]))
  const before = [...svg.children]
  const touched: Node[] = []
  const watch = new MutationObserver((seen) => {
    for (const { addedNodes, removedNodes } of seen) touched.push(...addedNodes, ...removedNodes)
  })
  watch.observe(svg, { childList: true })
  const dragged = scene([box('a', 0), box('b', 25), box('c', 40)])
  drawMarks(svg, dragged)
  await Promise.resolve()
  expect(touched.map((one) => (one as Element).getAttribute('data-region'))).toEqual(['b', 'b'])
  expect([...svg.children].map((one, at) => one === before[at])).toEqual([
    ...[true, false, true],
    ...[true, true, true, true, true],
  ])
  expect(svg.innerHTML).toBe(fresh(dragged))
})

test('what is drawn is what a board would show that was drawn for the first time', () => {
  const svg = board()
  const scenes = [
    scene([box('a', 0), box('b', 20)]),
    scene([box('b', 20), box('a', 0)]),
    scene([box('b', 20, { selected: true }), box('c', 0, { by: 'model', label: '1 · 90 %' })]),
    scene([box('b', 20)], { affine: [2, 0, 0, 2, 5, 5] }),
    scene([box('b', 20, { through: true })], { corner: 'PA   2 / 9', edges: null }),
    scene([], { lines: [[pixelPoint(0, 0), pixelPoint(5, 5)]] }),
    scene([box('a', 0), box('b', 20)]),
  ]
  for (const one of scenes) {
    drawMarks(svg, one)
    expect(svg.innerHTML).toBe(fresh(one))
  }
})

test('marks stand again after words stood in their place', () => {
  const svg = board()
  drawMarks(svg, scene([box('a', 0)]))
  sayOn(svg, 'The prior is on its way.')
  expect(regions(svg)).toEqual([])
  drawMarks(svg, scene([box('a', 0)]))
  expect(svg.innerHTML).toBe(fresh(scene([box('a', 0)])))
})
