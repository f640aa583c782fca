import { plural } from '../../format'

export const kinds = {
  noAnswer: 'no answer',
  presence: {
    absent: 'absent',
    present: 'present',
    indeterminate: 'indeterminate',
  } as Record<string, string>,
  sites: { medial: 'medial', lateral: 'lateral' } as Record<string, string>,
  units: { mo: 'months', deg: '°' } as Record<string, string>,
  unfit: 'This number does not fit its question: change it or empty the field.',
  range: (from: number, to: number, unit: string) => `${from} to ${to} ${unit}`,
  middle:
    'It proposes the middle of what it holds possible, so that a neighbour may be likelier by itself.',
  /** Where the truth lies with a promised chance: "2 to 3, 90 %". */
  reach: (low: string, high: string, chance: string) => `${low} to ${high}, ${chance}`,
  searchIn: 'Find by name',
  noneOfThese: 'none of these',
  noneFound: 'none',
  count: (kind: string, count: number) =>
    ({
      boxes: plural(count, 'box', 'boxes'),
      points: plural(count, 'point', 'points'),
      polygon: plural(count, 'outline', 'outlines'),
    })[kind] ?? plural(count, 'region', 'regions'),
  shapes: {
    box: 'box',
    point: 'point',
    polygon: 'outline',
    length: 'length',
    angle: 'angle',
    mask: 'painted',
  },
  measures: { length: 'length', angle: 'angle' },
  detector: 'detector',
  draw: {
    box: 'Draw a box',
    point: 'Set a point',
    polygon: 'Draw an outline',
    length: 'Measure a length',
    angle: 'Measure an angle',
    mask: 'Paint',
  },
  drawing: {
    box: 'Drag on the image',
    point: 'Click on the image',
    polygon: 'Click its corners',
    length: 'Drag on the image',
    angle: 'Click three points',
    mask: 'Paint on the image',
  },
  segment: 'What the brush paints',
  suggested: 'suggested',
  taken: "the model's, accepted",
  accept: (number: number) => `Accept ${number}`,
  remove: (number: number) => `Remove ${number}`,
  wanted: 'to be answered',
  extent: { first: 'First slice', last: 'Last slice' },
  slice: (number: number) => `slice ${number}`,
  imageNumber: (number: number) => `image ${number}`,
  tooFew: (label: string, count: number) => `“${label}” wants ${count} at least.`,
  tooMany: (label: string, count: number) => `“${label}” takes ${count} at most.`,
  lacks: (label: string, number: number, attribute: string) =>
    `“${label}”, number ${number}: “${attribute}” is not answered yet.`,
  wrongView: (label: string, views: string[]) =>
    `“${label}” is marked on ${views.join(' or ')} views alone.`,
  map: {
    of: (label: string) => `${label}: the zones from above`,
    anterior: 'anterior',
    posterior: 'posterior',
  },
}
