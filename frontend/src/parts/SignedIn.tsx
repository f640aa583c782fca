import { type ReactNode, useEffect } from 'react'
import { texts } from '../texts'
import { Empty } from './States'

/** Where a sign-in beside the reading room ends: the tab closes itself, or says that it may be closed. */
export function SignedIn(): ReactNode {
  useEffect(() => window.close(), [])
  return <Empty title={texts.losses.signedIn} help={texts.losses.signedInIs} />
}
