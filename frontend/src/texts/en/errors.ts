export const errors = {
  unreachable: 'The server cannot be reached.',
  signedOut: 'You are signed out. Sign in again in another tab, then go on here.',
  notAllowed: 'This account may not do that.',
  notFound: 'There is no such thing, or this account may not see it.',
  tooLarge: 'That is too large for one upload. Send fewer files at once.',
  notUnderstood: 'The answer of the server could not be understood.',
  server: (status: number) => `The server could not do this (${status}). Try again in a moment.`,
  refused: (status: number) => `The server did not accept this (${status}).`,
  page: 'This page broke',
  pageHelp: 'What was marked as saved is safe. Load the page again.',
}
