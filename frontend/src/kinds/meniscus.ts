/** A meniscus from above: the part of a ring that opens to the middle of the joint. x grows outwards, y backwards. */
interface Ring {
  /** Half axes of the outer rim; the breadth from rim to free edge in front and behind. */
  outer: readonly [x: number, y: number]
  breadth: readonly [front: number, back: number]
  /** Where each zone begins and ends, degrees from straight outwards; the front is negative. */
  zones: Readonly<Record<string, readonly [from: number, to: number]>>
}

/** The medial one is an open C, broader behind; the lateral one is rounder, of even breadth, its roots close together. */
export const RINGS: Readonly<Record<'medial' | 'lateral', Ring>> = {
  medial: {
    outer: [50, 58],
    breadth: [14, 24],
    zones: {
      anterior_root: [-148, -118],
      anterior_horn: [-118, -42],
      body: [-42, 38],
      posterior_horn: [38, 118],
      posterior_root: [118, 148],
    },
  },
  lateral: {
    outer: [50, 48],
    breadth: [20, 20],
    zones: {
      anterior_root: [-166, -132],
      anterior_horn: [-132, -42],
      body: [-42, 42],
      posterior_horn: [42, 132],
      posterior_root: [132, 166],
    },
  },
}

const STEPS = 12

function at(ring: Ring, degrees: number, rim: number): [number, number] {
  const angle = (degrees * Math.PI) / 180
  const back = (1 + Math.sin(angle)) / 2
  const breadth = ring.breadth[0] * (1 - back) + ring.breadth[1] * back
  const inwards = breadth * (1 - rim)
  return [(ring.outer[0] - inwards) * Math.cos(angle), (ring.outer[1] - inwards) * Math.sin(angle)]
}

/** The outline of a zone as an SVG path; `mirrored`: outwards is to the left. */
export function zonePath(ring: Ring, zone: string, mirrored: boolean): string {
  const [from, to] = ring.zones[zone] ?? [0, 0]
  const angles = Array.from({ length: STEPS + 1 }, (_, n) => from + ((to - from) * n) / STEPS)
  const rim = angles.map((angle) => at(ring, angle, 1))
  const edge = angles.reverse().map((angle) => at(ring, angle, 0))
  const points = [...rim, ...edge].map(
    ([x, y]) => `${(mirrored ? -x : x).toFixed(1)},${y.toFixed(1)}`,
  )
  return `M${points.join('L')}Z`
}

/** Where the key of a zone stands. */
export function zoneMiddle(ring: Ring, zone: string, mirrored: boolean): [number, number] {
  const [from, to] = ring.zones[zone] ?? [0, 0]
  const [x, y] = at(ring, (from + to) / 2, 0.5)
  return [mirrored ? -x : x, y]
}

/**
 * Whether outwards is to the left of the picture, which is seen as slices are: the patient's right on the left. There
 * the medial side of a right knee lies to the right. A knee of unknown side is drawn as a right one.
 */
export const isMirrored = (meniscus: 'medial' | 'lateral', laterality: string): boolean =>
  (meniscus === 'lateral') !== (laterality === 'L')
