import { plural } from '../../format'

export const viewer = {
  noMetadata: 'The archive has no description of this image.',
  gone: 'The archive does not have this image any more.',
  notAllowed: 'This account may not see this image, or you are signed out.',
  serverFailed: (status: number) => `The archive could not send this image (${status}).`,
  unreachable: 'The archive cannot be reached.',
  silent: 'The archive began no answer, twice. Try again in a moment.',
  notDrawn: 'The graphics of this machine did not draw this image. Try again.',
  undecodable: (why: string) => `This image cannot be shown: ${why}`,
  failed: 'This image cannot be shown.',
  tooLarge: (columns: number, rows: number, most: number) =>
    `This image has ${columns} × ${rows} pixels; the graphics of this machine show at most ${most} along a side. Read it on another machine, or skip it.`,
  gap: (at: number, of: number, why: string) =>
    of > 1 ? `Image ${at} of ${of} is missing here. ${why}` : why,
  graphicsLost: 'The graphics of this machine stopped. Try again; what was saved is safe.',
  auto: 'auto',
  planes: { sagittal: 'sagittal', coronal: 'coronal', axial: 'axial' },
  window: (number: number) => `window ${number}`,
  table: (number: number) => `table ${number}`,
  image: 'Image',
  prior: {
    label: 'Prior',
    current: 'Current',
    before: (count: number, unit: 'day' | 'week' | 'month' | 'year') =>
      count === 0 ? 'earlier the same day' : `${plural(count, unit, `${unit}s`)} before`,
    date: (iso: string) => `archive date ${iso}`,
    none: 'No earlier images hang beside this case.',
    loading: 'loading',
  },
  reformat: {
    label: (plane: string) => `${plane} reformat · draw at the left`,
    loading: (slice: number, slices: number) => `slice ${slice} of ${slices} is there`,
    refused: {
      colour: 'Colour images are not reformatted.',
      few: 'Too few slices: other planes need a series of 8 or more.',
      unplaced: 'Not every slice says where it lies in the patient: other planes cannot be made.',
      spaces: 'These slices share no frame of reference: other planes cannot be made.',
      turned: 'These slices do not lie parallel: other planes cannot be made.',
      sizes: 'These slices differ in size: other planes cannot be made.',
      twice: 'Several slices lie in one place: other planes cannot be made.',
      gap: 'A slice is missing between others: other planes would close the gap falsely.',
      uneven: 'These slices lie at uneven distances: other planes cannot be made.',
      sheared:
        'These slices are shifted against each other (tilted gantry): other planes cannot be made.',
      large: (columns: number, rows: number, slices: number) =>
        `${columns} × ${rows} × ${slices} voxels are more than this page reformats.`,
    },
  },
  tools: {
    all: 'Image tools',
    auto: 'Window for what is on the image',
    window: 'Next window of the file',
    magnify: 'Magnifier',
    rotate: 'Rotate by 90°',
    flip: 'Mirror left and right',
    noFlip: 'A radiograph is never mirrored',
    length: 'Measure a length',
    angle: 'Measure an angle',
    play: 'Run through the slices',
    stop: 'Stop',
    priors: {
      none: 'No earlier images hang beside this case.',
      shown: 'Without the earlier images',
      hidden: 'The earlier images beside these',
    },
    reformat: 'The two other planes of this volume, to look at: draw on the acquired slices',
    acquired: 'The acquired slices alone',
    onePane: 'This pane alone',
    allPanes: 'All panes',
  },
}
