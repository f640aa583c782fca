import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './Box.module.css'
import { Conflict } from './Conflict'
import { GapsBox } from './GapsBox'
import { Refusals } from './Refusals'
import { SideBox } from './SideBox'
import type { ReadingSession } from './session'
import type { ReadingState } from './state'

function LeaseLost({ onLeave }: { onLeave: () => void }): ReactNode {
  return (
    <div className={styles.box} role="alert" data-testid="lease-lost">
      <strong>{texts.losses.leaseLost}</strong>
      <p>{texts.losses.leaseLostIs}</p>
      <Button size="xs" variant="default" onClick={onLeave}>
        {texts.losses.leaveIt}
      </Button>
    </div>
  )
}

/** One tab of the reader's answers a case; the others show it. */
function Away(props: { away: 'elsewhere' | 'taken'; onGoOn: () => void }): ReactNode {
  const { away, onGoOn } = props
  return (
    <div className={styles.box} role="alert" data-calm data-testid="away">
      <strong>{texts.losses.away[away]}</strong>
      <p>{texts.losses.awayIs[away]}</p>
      <Button size="xs" variant="default" onClick={onGoOn}>
        {texts.losses.goOnHere}
      </Button>
    </div>
  )
}

/** The reader signs in beside his reading; nothing that is open here is lost by it. */
export function SignedOut(): ReactNode {
  return (
    <div className={styles.box} role="alert" data-testid="signed-out">
      <strong>{texts.losses.signedOut}</strong>
      <p>{texts.losses.signedOutIs}</p>
      <Button
        size="xs"
        onClick={() => window.open('/accounts/login/?next=/tasks/signed-in', '_blank')}
      >
        {texts.losses.signIn}
      </Button>
    </div>
  )
}

interface TroublesProps {
  session: ReadingSession
  state: ReadingState
}

/** Whatever stands between an answer and the server, and what to do about it. Nothing where nothing does. */
export function Troubles({ session, state }: TroublesProps): ReactNode {
  const { current, refusals, signedOut } = state
  return (
    <>
      {signedOut && <SignedOut />}
      <Refusals
        task={session.task}
        refusals={refusals}
        onReturn={(refusal) => session.returnTo(refusal)}
        onDismiss={(refusal) => session.dismiss(refusal)}
      />
      {current?.restored && (
        <div className={styles.box} data-calm role="status" data-testid="restored">
          <p>{current.restored}</p>
        </div>
      )}
      {current?.away && <Away away={current.away} onGoOn={() => void session.goOnHere()} />}
      {current?.conflict && !current.away && (
        <Conflict
          open={current}
          theirs={current.conflict}
          onResolve={(choice) => session.resolve(choice)}
        />
      )}
      {current?.leaseLost && <LeaseLost onLeave={() => session.skip(texts.losses.leftToThem)} />}
      {current && <GapsBox open={current} onAccept={() => session.acceptGaps()} />}
      {current && <SideBox open={current} onSettle={(side) => session.settle(side)} />}
    </>
  )
}
