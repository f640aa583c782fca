import { plural } from '../../format'

export const datasets = {
  exports: 'Exports',
  exportsSay: 'The references of the task as CSV, frozen at the moment you ask.',
  exportNow: 'Export references',
  exportsEmpty: 'No export yet',
  exportsEmptyHelp: 'An export freezes the references as a snapshot and writes one row a case.',
  leftOut: (count: number) =>
    `${plural(count, 'test read', 'test reads')} left out: made after seeing what others say`,
  download: 'Download',
  snapshots: 'Snapshots',
  snapshotsSay: 'What each training and export was made from: frozen, hashed, split by patient.',
  snapshotsEmpty: 'No snapshot yet',
  snapshotsEmptyHelp: 'The first training or export freezes the first one.',
  snapshot: 'Snapshot',
  made: 'Made',
  rows: 'Rows',
  size: 'Size',
  hash: 'SHA-256',
  copy: 'Copy the whole hash',
  copied: 'Copied',
  cases: 'Cases',
  patients: 'Patients',
  train: 'Train',
  tune: 'Tune',
  test: 'Test',
}
