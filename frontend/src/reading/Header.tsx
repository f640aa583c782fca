import { ActionIcon, Anchor, Progress, Tooltip } from '@mantine/core'
import { IconChevronLeft, IconKeyboard, IconLogout, IconSettings } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { ReadingCase } from '../api/reading'
import { clockTime } from '../format'
import { texts } from '../texts'
import styles from './Header.module.css'
import type { ReadingState } from './state'

/** Says "saved" by the server's word alone. */
function saveStatus(state: ReadingState): { text: string; failing: boolean } {
  const { current, delay, unsent, savedAt } = state
  if (delay) return { text: texts.reading.notSent(unsent), failing: true }
  if (current?.save === 'failed') return { text: texts.reading.notSaved, failing: true }
  if (current?.save === 'unsaved' || current?.save === 'saving' || unsent > 0)
    return { text: texts.reading.saving, failing: false }
  const at = savedAt ?? current?.savedAt
  return { text: at ? texts.reading.saved(clockTime(at)) : '', failing: false }
}

/** "RIGHT knee · PA": the second largest thing on the screen. */
function sideText(shown: ReadingCase): string {
  const bodyPart = shown.images[0]?.body_part_examined ?? ''
  const side = texts.reading.sides[shown.laterality] ?? ''
  const where = [side, bodyPart.toLowerCase()].filter(Boolean).join(' ')
  return [where, shown.view].filter(Boolean).join(' · ')
}

interface HeaderProps {
  task: number
  taskName: string
  state: ReadingState
  note: string | null
  onHelp: () => void
  onSettings: () => void
}

export function Header(props: HeaderProps): ReactNode {
  const { task, taskName, state, note, onHelp, onSettings } = props
  const { current, progress } = state
  const status = saveStatus(state)
  return (
    <header className={styles.header}>
      <Anchor component={Link} to={`/tasks/${task}`} className={styles.back} underline="never">
        <IconChevronLeft size={16} aria-hidden />
        <span>{taskName}</span>
      </Anchor>
      {progress && (
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
            {sideText(current.next.case)}
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
