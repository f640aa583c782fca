import { plural } from '../../format'

export const data = {
  title: 'Data',
  counts: (studies: number, instances: number) =>
    `${plural(studies, 'study', 'studies')}, ${plural(instances, 'image', 'images')}`,
  search: 'Patient, description or body part',
  empty: 'The archive is empty',
  emptyHelp: 'Upload DICOM files, a folder or a zip; names are taken out before anything is kept.',
  emptyReader: 'No images here yet',
  emptyReaderHelp: 'You see the images of your tasks as soon as they have cases.',
  noMatch: 'Nothing matches',
  noMatchHelp: 'Words are found by their beginning. Try fewer words, or drop a filter.',
  clear: 'Clear search and filters',
  upload: 'Upload',
  patient: 'Patient',
  study: 'Study',
  date: 'Date',
  modality: 'Modality',
  bodyPart: 'Body part',
  images: 'Images',
  filters: { modality: 'Modality', body_part: 'Body part', laterality: 'Side' },
  moreValues: (count: number) => `${count} more`,
  fewerValues: 'fewer',
  sides: { R: 'right', L: 'left', B: 'both' } as Record<string, string>,
  wait: (count: number) =>
    `${plural(count, 'image waits', 'images wait')} for a look: ${count === 1 ? 'it' : 'they'} may show a name`,
  lookAtThem: 'Look at them',
}
