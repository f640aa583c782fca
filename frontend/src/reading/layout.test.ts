import { expect, test } from 'vitest'
import type { CaseImage } from '../api/reading'
import { nextOf } from './fixtures'
import { layoutOf } from './layout'

let made = 0

function image(change: Partial<CaseImage>): CaseImage {
  made += 1
  return {
    study_instance_uid: '1',
    series_instance_uid: `1.${made}`,
    sop_instance_uid: `1.${made}.1`,
    number_of_frames: 1,
    rows: 10,
    columns: 10,
    bits_stored: 12,
    modality: 'DX',
    view_position: '',
    image_laterality: 'R',
    series_description: '',
    series_number: null,
    instance_number: null,
    plane: '',
    wado_root: '/dicomweb',
    ...change,
  }
}

const caseOf = (...images: CaseImage[]) => ({ ...nextOf(1).case, images })
const slices = (plane: CaseImage['plane'], series: string, description = ''): CaseImage[] =>
  [1, 2, 3].map(() =>
    image({ plane, series_instance_uid: series, modality: 'MR', series_description: description }),
  )

test('each view hangs by itself, in the order of the case', () => {
  const layout = layoutOf(
    caseOf(image({ view_position: 'PA' }), image({ view_position: 'LATERAL' })),
    {},
  )
  expect([layout.rows, layout.columns]).toEqual([1, 2])
  expect(layout.panes.map(({ label }) => label)).toEqual(['PA', 'LATERAL'])
  expect(layout.lockFlip).toBe(true)
})

test('the slices of a series are one stack', () => {
  const layout = layoutOf(caseOf(...slices('sagittal', '7')), {})
  expect(layout.panes.map(({ images }) => images.length)).toEqual([3])
})

test('rules say what stands where, and what they leave comes behind', () => {
  const axial = slices('axial', '3', 'ax PD')
  const plain = slices('sagittal', '1', 'sag T1')
  const fat = slices('sagittal', '2', 'Sag PD FS')
  const layout = layoutOf(caseOf(...axial, ...plain, ...fat), {
    panes: [
      { plane: 'sagittal', description: 'pd fs', label: 'sagittal PD' },
      { plane: 'coronal' },
      { plane: 'axial' },
    ],
  })
  expect(layout.panes.map(({ images }) => images[0]?.series_instance_uid)).toEqual(['2', '3', '1'])
  expect(layout.panes[0]?.label).toBe('sagittal PD')
  expect([layout.rows, layout.columns]).toEqual([1, 3])
})

test('what has no pane left is scrolled to in the last', () => {
  const views = ['PA', 'LATERAL', 'OBLIQUE', 'AXIAL', 'AP'].map((view_position) =>
    image({ view_position }),
  )
  const auto = layoutOf(caseOf(...views), {})
  expect(auto.panes.map(({ images }) => images.length)).toEqual([1, 1, 1, 2])
  const one = layoutOf(caseOf(...views), { layout: '1x1' })
  expect(one.panes.map(({ images }) => images.length)).toEqual([5])
})

test('a single pane needs no label: the page says what it shows', () => {
  expect(layoutOf(caseOf(image({ view_position: 'PA' })), {}).panes[0]?.label).toBe('')
})
