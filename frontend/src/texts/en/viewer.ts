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
  graphicsLost: 'The graphics of this machine stopped. Try again; what was saved is safe.',
}
