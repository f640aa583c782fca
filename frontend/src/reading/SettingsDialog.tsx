import { Button, Group, Switch } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'
import { ALL, COMMANDS, type Command, comboOf, keysOf, keyText, mayBeBound, rebound } from './keys'
import styles from './SettingsDialog.module.css'
import type { PreferencesHand } from './usePreferences'

interface SettingsDialogProps {
  opened: boolean
  onClose: () => void
  preferences: PreferencesHand
}

/** The next key pressed, before anything else hears it; Escape leaves things as they are. */
function useNextKey(waiting: Command | null, onKey: (combo: string | null) => void): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      event.preventDefault()
      event.stopImmediatePropagation()
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const combo = comboOf(event)
      if (combo === 'Escape') onKey(null)
      else if (mayBeBound(combo)) onKey(combo)
    }
    if (waiting) window.addEventListener('keydown', hear, true)
    return () => window.removeEventListener('keydown', hear, true)
  }, [waiting, onKey])
}

function Keys({ preferences }: { preferences: PreferencesHand }): ReactNode {
  const { now, change } = preferences
  const [waiting, setWaiting] = useState<Command | null>(null)
  useNextKey(waiting, (combo) => {
    if (waiting && combo) change({ ...now, keys: rebound(now.keys, waiting, combo) })
    setWaiting(null)
  })
  return (
    <ul className={styles.keys}>
      {ALL.map((command) => {
        const keys = keysOf(command, now.keys).map(keyText)
        const name = texts.settings.commands[command] ?? COMMANDS[command].does
        return (
          <li key={command}>
            <span>{name}</span>
            <Button
              size="compact-md"
              variant={waiting === command ? 'filled' : 'default'}
              aria-label={texts.settings.keyOf(name, keys.join(' '))}
              onClick={() => setWaiting(command)}
              data-testid={`key-${command}`}
            >
              {waiting === command ? texts.settings.press : keys.join('  ') || '–'}
            </Button>
          </li>
        )
      })}
    </ul>
  )
}

/** How this reader wants the room, on whichever machine he sits. */
export function SettingsDialog({ opened, onClose, preferences }: SettingsDialogProps): ReactNode {
  const { now, change, error } = preferences
  return (
    <Dialog opened={opened} onClose={onClose} title={texts.settings.title} size={760}>
      <div data-testid="settings">
        <Switch
          label={texts.settings.leftHanded}
          description={texts.settings.leftHandedHelp}
          checked={now.leftHanded}
          onChange={({ currentTarget }) => change({ ...now, leftHanded: currentTarget.checked })}
        />
        <Group justify="space-between" mt="lg" mb="xs">
          <h3 className={styles.title}>{texts.settings.keys}</h3>
          <Button
            size="compact-md"
            variant="default"
            disabled={Object.keys(now.keys).length === 0}
            onClick={() => change({ ...now, keys: {} })}
          >
            {texts.settings.defaults}
          </Button>
        </Group>
        {opened && <Keys preferences={preferences} />}
        {error && <p role="alert">{texts.settings.notKept(error)}</p>}
      </div>
    </Dialog>
  )
}
