import type { BoxItem, Field, Form } from '../api/forms'
import type { NextCase } from '../api/reading'
import { nextOf } from './fixtures'
import { type OpenCase, openCase } from './open'

export const base = { help: '', required: false, sites: [] }

/** A finding whose boxes are asked for once it is present, each with two attributes; and a number beside it. */
export const FIELDS: Field[] = [
  {
    ...base,
    key: 'fracture',
    kind: 'presence',
    label: 'Fracture',
    required: true,
    values: ['absent', 'present', 'indeterminate'],
  },
  {
    ...base,
    key: 'boxes',
    kind: 'boxes',
    label: 'Where',
    when: { field: 'fracture', is: ['present'] },
    views: ['PA', 'LATERAL'],
    attributes: [
      {
        ...base,
        key: 'bone',
        kind: 'choice',
        label: 'Bone',
        options: [
          { value: 'radius', label: 'Radius' },
          { value: 'ulna', label: 'Ulna' },
        ],
      },
      {
        ...base,
        key: 'displaced',
        kind: 'presence',
        label: 'Displaced',
        values: ['absent', 'present'],
      },
    ],
  },
  {
    ...base,
    key: 'signs',
    kind: 'choice',
    label: 'Signs',
    many: true,
    when: { field: 'fracture', is: ['present', 'indeterminate'] },
    options: ['cast', 'metal', 'callus'].map((value) => ({ value, label: value })),
  },
  {
    ...base,
    key: 'gap',
    kind: 'number',
    label: 'Gap',
    unit: 'mm',
    minimum: 0,
    maximum: 50,
    step: 0.5,
    when: { field: 'fracture', is: ['present'] },
  },
]

export const FRACTURE: Form = {
  version: 1,
  slug: 'fracture',
  name: 'Fracture',
  fields: FIELDS,
  hanging: {},
}

const image = (uid: string, view: string) => ({
  study_instance_uid: '1',
  series_instance_uid: `s${uid}`,
  sop_instance_uid: uid,
  number_of_frames: 1,
  rows: 1000,
  columns: 800,
  bits_stored: 12,
  view_position: view,
  image_laterality: 'R',
  series_description: view,
  series_number: 1,
  instance_number: 1,
  modality: 'DX',
  plane: '' as const,
  wado_root: '/dicomweb',
})

export const box = (id: string, more: Partial<BoxItem> = {}): BoxItem => ({
  id,
  image: 'pa',
  frame: 1,
  box: [10, 20, 110, 220],
  attributes: {},
  ...more,
})

const SUGGESTED = box('m1', { score: 0.9, attributes: { bone: 'radius' } })

function fractureCase(assisted: boolean): NextCase {
  const next = nextOf(1)
  return {
    ...next,
    form: FRACTURE,
    case: {
      ...next.case,
      images: [image('pa', 'PA'), image('lateral', 'LATERAL'), image('oblique', 'OBLIQUE')],
    },
    prediction: assisted
      ? {
          model: { id: 1, number: 2 },
          slots: {
            fracture: { kind: 'presence', value: 'present', probabilities: [0.1, 0.9] },
            boxes: { kind: 'boxes', value: [SUGGESTED], probabilities: [] },
          },
        }
      : null,
  }
}

export const fracture = (assisted = false): OpenCase => ({
  ...openCase(fractureCase(assisted)),
  pixels: 'painted',
})
