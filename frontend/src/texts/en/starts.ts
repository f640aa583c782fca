import { plural } from '../../format'

export const starts = {
  title: 'Starts from',
  says: 'The encoder that the next full training starts from, and fast ones until the task has trained an encoder of its own.',
  own: (model: number) =>
    `Model ${model} has an encoder of its own: fast trainings keep it, the next full one starts from the one marked here.`,
  name: 'Encoder',
  network: 'Network',
  source: 'Source and licence',
  made: 'Given or made',
  published: 'Comes with the platform',
  nothing: 'nothing comes with the platform',
  inUse: 'in use',
  use: 'Start from this',
  remove: 'Delete',
  removeTitle: (name: string) => `Delete ${name}?`,
  removeHelp:
    'Its file is removed for good. That it was there, and who gave and chose it, stays on record.',
  pretrain: 'Pre-train',
  pretrainTitle: 'Pre-train on the images of this task?',
  pretrainHelp:
    'The encoder learns from the images alone, no read is needed. No image of a test patient is used, so every patient’s side of the split is drawn now. It takes an hour and more on a machine without a GPU; trainings wait behind it. What comes of it is listed here and used only when you choose it.',
  pretraining: 'Pre-training on the task’s images',
  failed: (why: string) => `The last pre-training ended without weights: ${why}`,
  images: (count: number) => plural(count, 'image', 'images'),
  give: 'Give weights',
  giveTitle: 'Give published weights',
  giveHelp: (most: number, staff: boolean) =>
    `A safetensors file with the names of torchvision’s own (efficientnet_lite0, which torchvision has not: those in training/encoders_shapes.json); at most ${most} MB. ${staff ? '' : 'Larger ones are taken from staff alone: ask whoever runs the installation. '}Files of torch.save (.pth, .bin) are not taken.`,
  tooLarge: (most: number) => `It has more than ${most} MB.`,
  file: 'File',
  chooseFile: 'Choose a file',
  giveName: 'Name',
  giveSource: 'Where it comes from, and its licence',
  giveButton: 'Give',
}
