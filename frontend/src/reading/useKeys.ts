import { useEffect, useRef } from 'react'
import { type Command, commandFor } from './keys'

interface KeyHandlers {
  /** False while a dialog has the keys. */
  enabled: boolean
  command: (command: Command) => void
  /** A key that is no command: true when the active field took it. */
  value: (key: string) => boolean
  holdPan: (on: boolean) => void
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

/** A focused button keeps Enter and Space; the answers do not, Enter always submits there. */
const ownButton = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('a, button:not([role="radio"])') !== null

const onAnswer = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[role="radio"]') !== null

/** All keys of the reading room, wherever the focus is. */
export function useKeys(handlers: KeyHandlers): void {
  const latest = useRef(handlers)
  latest.current = handlers
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      const { enabled, command, value, holdPan } = latest.current
      if (!enabled || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
      const { key, target } = event
      if ((key === 'Enter' || key === ' ') && ownButton(target)) return
      if (key === ' ') {
        if (onAnswer(target)) return
        holdPan(true)
      } else {
        const found = value(key) ? null : commandFor(key)
        if (!found && !/^[0-9n]$/i.test(key)) return
        if (found && !(event.repeat && !REPEATABLE.has(found))) command(found)
      }
      event.preventDefault()
    }
    const up = (event: KeyboardEvent): void => {
      if (event.key === ' ') latest.current.holdPan(false)
    }
    window.addEventListener('keydown', down)
    window.addEventListener('keyup', up)
    return () => {
      window.removeEventListener('keydown', down)
      window.removeEventListener('keyup', up)
    }
  }, [])
}

/** A key held down must not submit ten cases. */
const REPEATABLE = new Set<Command>([
  'zoomIn',
  'zoomOut',
  'narrower',
  'wider',
  'brighter',
  'darker',
  'left',
  'right',
  'up',
  'down',
])
