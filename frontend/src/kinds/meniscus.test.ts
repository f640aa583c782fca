import { expect, test } from 'vitest'
import { isMirrored, RINGS, zoneMiddle, zonePath } from './meniscus'

const ZONES = ['anterior_root', 'anterior_horn', 'body', 'posterior_horn', 'posterior_root']

test('it shows the medial side where slices show it: to the right of a right knee', () => {
  const outwards = (meniscus: 'medial' | 'lateral', side: string): number =>
    Math.sign(zoneMiddle(RINGS[meniscus], 'body', isMirrored(meniscus, side))[0])
  expect(outwards('medial', 'R')).toBe(1)
  expect(outwards('lateral', 'R')).toBe(-1)
  expect(outwards('medial', 'L')).toBe(-1)
  expect(outwards('lateral', 'L')).toBe(1)
})

test.each(['medial', 'lateral'] as const)(
  'the zones of the %s one run from front to back',
  (of) => {
    const ys = ['anterior_horn', 'body', 'posterior_horn'].map(
      (zone) => zoneMiddle(RINGS[of], zone, false)[1],
    )
    expect(ys).toEqual([...ys].sort((one, other) => one - other))
    expect(Object.keys(RINGS[of].zones)).toEqual(ZONES)
  },
)

test.each(['medial', 'lateral'] as const)('the zones of the %s one meet without a gap', (of) => {
  const limits = ZONES.map((zone) => RINGS[of].zones[zone] ?? [0, 0])
  limits.slice(1).forEach(([from], index) => {
    expect(from).toBe(limits[index]?.[1])
  })
  expect(zonePath(RINGS[of], 'body', false)).toMatch(/^M[-\d.,L]+Z$/)
})
