import { ActionIcon, Anchor, Progress, Tooltip } from '@mantine/core'
import {
  IconChevronLeft,
  IconHistory,
  IconKeyboard,
  IconLogout,
  IconMessage,
  IconMessageFilled,
  IconSettings,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { clockTime, dayTime } from '../format'
import { texts } from '../texts'
import styles from './Header.module.css'
import type { OpenCase } from './open'
import { settledSide, sideDoubt } from './side'
import type { ReadingState } from './state'

/** Says "saved" by the server's word alone. */
function saveStatus(state: ReadingState): { text: string; failing: boolean } {
  const { current, delay, unsent, savedAt, signedOut } = state
  const failing = (text: string) => ({ text, failing: true })
  if (signedOut) return failing(texts.losses.notSavedSignedOut)
  if (current?.away) return { text: '', failing: false }
  if (current?.save === 'failed') return failing(texts.losses.notSavedOffline(unsent))
  if (delay) return failing(texts.reading.notSent(unsent))
  if (current?.conflict) return failing(texts.losses.notSavedChoose)
  if (current?.save === 'refused') return failing(texts.losses.notSavedRefused)
  const changed = current?.save === 'unsaved' || current?.save === 'saving'
  if (changed && current.next.annotation.state === 'submitted')
    return { text: texts.losses.changed, failing: false }
  if (changed || unsent > 0) return { text: texts.reading.saving, failing: false }
  const at = savedAt ?? current?.savedAt
  return { text: at ? texts.reading.saved(clockTime(at)) : '', failing: false }
}

/** "RIGHT knee · PA": the second largest thing on the screen. It says so where the side is in doubt. */
function sideText(open: OpenCase): string {
  const shown = open.next.case
  const bodyPart = shown.images[0]?.body_part_examined ?? ''
  const where = [sideWord(open), texts.reading.parts[bodyPart] ?? bodyPart.toLowerCase()]
    .filter(Boolean)
    .join(' ')
  return [where, shown.view].filter(Boolean).join(' · ')
}

function sideWord(open: OpenCase): string {
  const side = settledSide(open)
  if (side) return texts.reading.sides[side] ?? ''
  if (sideDoubt(open)) return texts.losses.sideUnclear
  const unknown = open.next.case.flags.some(({ code }) => code === 'laterality_unknown')
  return unknown ? texts.losses.sideUnknown : ''
}

/** What is done here, where it is not the worklist. */
function again({ annotation }: OpenCase['next']): string {
  const { submitted_at } = annotation
  return submitted_at ? texts.losses.amending(dayTime(submitted_at)) : texts.losses.continuing
}

interface HeaderProps {
  task: number
  taskName: string
  state: ReadingState
  note: string | null
  /** A read of one's own is open again, instead of the worklist. */
  alone: boolean
  onHelp: () => void
  onSettings: () => void
  onDiscuss: () => void
}

export function Header(props: HeaderProps): ReactNode {
  const { task, taskName, state, note, alone, onHelp, onSettings, onDiscuss } = props
  const { current, progress } = state
  const status = saveStatus(state)
  return (
    <header className={styles.header}>
      <Anchor
        component={Link}
        to={alone ? `/tasks/${task}/reads` : `/tasks/${task}`}
        className={styles.back}
        underline="never"
      >
        <IconChevronLeft size={16} aria-hidden />
        <span>{taskName}</span>
      </Anchor>
      {alone && current && <span data-testid="again">{again(current.next)}</span>}
      {!alone && progress && (
        <div className={styles.progress}>
          <span data-testid="progress">{texts.reading.of(progress.read, progress.total)}</span>
          <Progress
            value={progress.total ? (100 * progress.read) / progress.total : 0}
            aria-label={texts.reading.of(progress.read, progress.total)}
            className={styles.bar}
          />
        </div>
      )}
      {current && (
        <>
          <span className={styles.patient} data-testid="patient">
            {current.next.case.patient}
          </span>
          <strong className={styles.side} data-testid="side">
            {sideText(current)}
          </strong>
        </>
      )}
      <span className={styles.note} data-testid="model-note" role="status">
        {note}
      </span>
      <span
        className={styles.saved}
        data-failing={status.failing || undefined}
        data-testid="save-status"
        role="status"
      >
        {status.text}
      </span>
      {!alone && (
        <Tooltip label={texts.losses.myReads}>
          <ActionIcon
            component={Link}
            to={`/tasks/${task}/reads`}
            variant="subtle"
            color="gray"
            aria-label={texts.losses.myReads}
          >
            <IconHistory size={18} />
          </ActionIcon>
        </Tooltip>
      )}
      {current && (
        <Tooltip label={texts.losses.discuss}>
          <ActionIcon
            variant="subtle"
            color={current.next.annotation.flagged ? 'amber' : 'gray'}
            onClick={onDiscuss}
            aria-label={texts.losses.discuss}
            aria-pressed={current.next.annotation.flagged}
          >
            {current.next.annotation.flagged ? (
              <IconMessageFilled size={18} />
            ) : (
              <IconMessage size={18} />
            )}
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label={texts.reading.allKeys}>
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={onHelp}
          aria-label={texts.reading.allKeys}
        >
          <IconKeyboard size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={texts.settings.title}>
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={onSettings}
          aria-label={texts.settings.title}
        >
          <IconSettings size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={texts.reading.signOut}>
        <ActionIcon
          component="a"
          href="/accounts/logout/"
          variant="subtle"
          color="gray"
          aria-label={texts.reading.signOut}
        >
          <IconLogout size={18} />
        </ActionIcon>
      </Tooltip>
    </header>
  )
}
