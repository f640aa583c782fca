import { expect, test } from 'vitest'
import type { CaseImage, Prior } from '../api/reading'
import { nextOf } from './fixtures'
import { layoutOf } from './layout'
import { ago, imagesOf } from './priors'

let made = 0

function film(view_position: string): CaseImage {
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
    view_position,
    image_laterality: 'R',
    series_description: '',
    series_number: null,
    instance_number: null,
    plane: '',
    wado_root: '/dicomweb',
  }
}

const prior = (days_before: number | null, ...images: CaseImage[]): Prior => ({
  study_date: '2024-03-02',
  days_before,
  images,
})
const caseOf = (images: CaseImage[], ...priors: Prior[]) => ({ ...nextOf(1).case, images, priors })

test('a prior hangs behind the case, says how old it is, and leaves the case its own grid', () => {
  const shown = caseOf([film('PA')], prior(244, film('PA')))
  const layout = layoutOf(shown, { priors: 1 })
  expect([layout.rows, layout.columns, layout.today]).toEqual([1, 2, { rows: 1, columns: 1 }])
  expect(layout.panes.map(({ label, prior: is }) => [label, Boolean(is)])).toEqual([
    ['Current · PA', false],
    ['Prior · 8 months before · archive date 2024-03-02 · PA', true],
  ])
})

test('each view of a prior stands under its like', () => {
  const shown = caseOf(
    [film('PA'), film('LATERAL')],
    prior(30, film('OBLIQUE'), film('LATERAL'), film('PA')),
  )
  const layout = layoutOf(shown, { priors: 1 })
  const views = layout.panes.map(({ images }) => (images as CaseImage[])[0]?.view_position)
  expect(views).toEqual(['PA', 'LATERAL', 'PA', 'LATERAL', 'OBLIQUE'])
  expect([layout.rows, layout.columns]).toEqual([2, 3])
})

test('several priors share what room there is, and lose no image', () => {
  const films = (): CaseImage[] => ['PA', 'LATERAL', 'OBLIQUE', 'AXIAL'].map(film)
  const shown = caseOf([film('PA'), film('LATERAL')], prior(10, ...films()), prior(900, ...films()))
  const layout = layoutOf(shown, { priors: 2 })
  expect(layout.panes.length).toBe(6)
  expect(layout.panes.flatMap(({ images }) => images).length).toBe(imagesOf(shown).length)
})

test('a study without a date says no more than that it is a prior', () => {
  const shown = caseOf([film('PA')], { ...prior(null, film('PA')), study_date: null })
  expect(layoutOf(shown, { priors: 1 }).panes[1]?.label).toBe('Prior · PA')
})

test.each([
  [0, 0, 'day'],
  [13, 13, 'day'],
  [21, 3, 'week'],
  [244, 8, 'month'],
  [365, 12, 'month'],
  [1500, 4, 'year'],
] as const)('%i days are %i %ss', (days, count, unit) => {
  expect(ago(days)).toEqual([count, unit])
})
