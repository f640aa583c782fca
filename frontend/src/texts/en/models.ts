import { plural } from '../../format'

export const models = {
  back: 'All models',
  open: (number: number) => `Card of model ${number}`,
  title: (number: number) => `Model ${number}`,
  isFor: 'What it is for',
  isNotFor: 'What it is not for',
  notKept: 'Not kept for this version: it was made before that was recorded.',
  learnedFrom: 'What it learned from and was tested on',
  split: { train: 'Training', tune: 'Tuning', test: 'Locked test' } as Record<string, string>,
  cases: 'Cases',
  patients: 'Patients',
  answers: 'Answers',
  images: 'Images by maker of the machine',
  covariates: { sex: 'sex', age: 'age' } as Record<string, string>,
  beside: (name: string) => `Beside the images it reads ${name}. Cases of which it is not known:`,
  moreFigures: (count: number) => `and ${count} more`,
  weighs: (answer: string, places: string[]) =>
    `${answer}: weighs also the surest mark of ${places.join(', ')}.`,
  notAssessable: 'not assessable',
  made: 'How it was made',
  queued: 'Queued',
  began: 'Started',
  ended: 'Finished',
  attempts: 'Attempts',
  seed: 'Seed',
  weights: 'Weights (SHA-256)',
  encoder: 'Encoder',
  startedFrom: 'Started from',
  code: 'Code',
  settings: 'Settings',
  calibrated: 'Calibrated by',
  usesNow: (times: number) =>
    `The test has judged ${plural(times, 'version', 'versions')} up to now: each makes a lucky one likelier.`,
  reliability: 'Calibration',
  reliabilitySays: {
    decided: 'How often the proposed value was right against the chance that the model gave it.',
    present: 'How often the finding was there against the chance that the model gave it.',
  },
  chance: 'Chance given',
  share: 'Share that was so',
  ideal: 'Perfectly calibrated',
  thisModel: 'This model',
  eceIs: (figure: string) =>
    `Expected calibration error: ${figure}. Small tests make it look larger than it is.`,
  group: 'Group',
  subgroups: 'Subgroups',
  by: {
    sex: 'Sex',
    manufacturer: 'Manufacturer',
    reader: 'Reader of the reference',
    site: 'Place of origin',
  } as Record<string, string>,
  unknown: 'unknown',
  siteUnknown: 'cannot be told: de-identification removes the institution',
  tooFew: 'too few',
  tooFewHelp: 'Fewer than 30 patients: no figure.',
  download: 'Download',
  downloadWeights: 'Weights (safetensors)',
  downloadMarkdown: 'Card as Markdown',
  downloadJson: 'Card as JSON',
  found: (count: number, more: boolean) => `${count}${more ? ' or more' : ''} found`,
  measured: 'measured',
  sexes: { M: 'male', F: 'female', O: 'other' } as Record<string, string>,
  leftOut: 'Not answered',
  leftOutSays: (labels: string[]) =>
    `${labels.join('; ')}: learned, but not yet shown to be above chance.`,
  point: (chance: number) => `Called present from a chance of ${chance.toFixed(2)} on.`,
  promise: ({
    shown,
    level,
    patients,
    least_patients,
    needed,
  }: {
    shown: boolean
    level: number
    patients: number
    least_patients: number
    needed: number | null
  }) =>
    `${Math.round(level * 100)} % sets and intervals are ${shown ? '' : 'not '}shown to readers: ${
      needed === null || patients < least_patients
        ? `that is asked of ${least_patients} test patients, and there ${patients === 1 ? 'is' : 'are'} ${patients}.`
        : `of ${plural(patients, 'patient', 'patients')} the coverage must be at least ${needed.toFixed(3)} (one standard error less).`
    }`,
  notJudged: 'Not judged',
  notJudgedSays: (cases: number) =>
    `${plural(cases, 'case', 'cases')} of the locked test: the images cannot be read.`,
  unread: 'Cases whose images cannot be read',
  differing: 'Left out',
  differingSays: (cases: number) =>
    `${plural(cases, 'case', 'cases')} with the pixels of another one and other answers.`,
  learnedBefore: (cases: number) =>
    `${plural(cases, 'case', 'cases')} of the locked test, learned from before as another patient’s.`,
  remove: 'Delete',
  deleted: 'Deleted',
  removeTitle: (number: number) => `Delete model ${number}?`,
  removeHelp:
    'Its weights are removed for good. Its card and its history stay, so that it can always be said what readers were shown.',
  removeReason: 'Why',
  against: (number: number) => `The current version then: model ${number}.`,
  lost: 'Its weight file is missing or damaged',
  lostCurrent:
    'Nothing is predicted and no training starts until the file is back, another model is current, or this one is deleted: the next one then is a first one.',
  lostOther: 'It cannot become current until the file is back.',
  compare: 'Compare',
  compareTitle: 'Two models on the same cases',
  compareSays: (cases: number, patients: number) =>
    `${plural(cases, 'case', 'cases')} of ${plural(patients, 'patient', 'patients')} of the locked test on which both were measured.`,
  comparing: 'Working it out; this takes a few seconds.',
  compareFailed: 'The comparison failed',
  compareCancelled: 'The comparison was cancelled.',
  compareNone: 'Nothing to compare',
  compareNoneHelp: 'The two models answer no field in common on these cases.',
  chooseOlder: 'Older model',
  chooseNewer: 'Newer model',
  difference: (newer: number, older: number) => `Model ${newer} minus model ${older}`,
  differenceNone: 'The interval includes 0: the test shows no difference.',
  differenceSome: 'The interval does not include 0.',
  agree: 'They say the same of every case.',
  disagree: (count: number) => `They differ in ${plural(count, 'case', 'cases')}`,
  disagreeHidden:
    'Which cases, only an admin who reads nothing in this task is shown: a test read that is amended with a model’s answer in sight would prove nothing.',
  disagreeWaiting: (count: number) =>
    `${plural(count, 'case more may still be read and stays', 'cases more may still be read and stay')} hidden.`,
  reference: 'Reference',
  nothing: 'none',
  items: (count: number) => plural(count, 'region', 'regions'),
  history: 'History',
  historyEmpty: 'Nothing was done yet.',
  did: {
    made: 'made',
    promoted: 'made current',
    rolled_back: 'rolled back to',
    retired: 'retired',
    deleted: 'deleted',
    downloaded: 'weights fetched',
    uploaded: 'start given',
    pretrained: 'start pre-trained',
    chosen: 'start chosen',
    left: 'start left',
  } as Record<string, string>,
  when: 'When',
  what: 'What',
  who: 'Who',
  why: 'Why',
  byItself: 'by itself',
  theGate: 'the gate',
}
