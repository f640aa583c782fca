import { useEffect, useRef } from 'react'
import { COMMANDS, type Command, comboOf, commandFor, type OwnKeys, shiftedDigit } from './keys'

interface KeyHandlers {
  /** False while a dialog has the keys. */
  enabled: boolean
  own: OwnKeys
  command: (command: Command) => void
  /** A digit: true when the active question took it. */
  digit: (key: string) => boolean
  holdPan: (on: boolean) => void
}

const inside = (target: EventTarget | null, selector: string): boolean =>
  target instanceof Element && target.closest(selector) !== null

const FIELDS = 'input, textarea, select, [contenteditable="true"]'

/** A field for text has all keys; one for a number only those that write one. */
function typing({ target, key }: KeyboardEvent): boolean {
  if (!inside(target, FIELDS)) return false
  return (
    !inside(target, '[data-number]') || /^([\d.,+-]|Backspace|Delete|Arrow\w+|Home|End)$/.test(key)
  )
}

/** A focused button keeps Enter and Space; of the answers Space alone chooses, for Enter always submits there. */
const ownButton = (target: EventTarget | null): boolean =>
  inside(target, 'a, button:not([data-answer])')

const onAnswer = (target: EventTarget | null): boolean => inside(target, '[data-answer]')

/** Whoever else listens for keys leaves alone what is typed, and what happens in a dialog. */
export const isElsewhere = (target: EventTarget | null): boolean =>
  inside(target, `${FIELDS}, [role="dialog"]`)

/** Lets a number be typed without looking for its field first. */
function intoNumber(key: string): boolean {
  if (!/^\d$/.test(key)) return false
  const input = document.querySelector<HTMLInputElement>('[data-active] [data-number]')
  input?.focus()
  input?.select()
  return input !== null
}

/** Into the search of the list that has the keys, where it has one. */
export function intoSearch(): void {
  document.querySelector<HTMLInputElement>('[data-active] [data-search]')?.focus()
}

/** All keys of the reading room, wherever the focus is. */
export function useKeys(handlers: KeyHandlers): void {
  const latest = useRef(handlers)
  latest.current = handlers
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      const { enabled, own, command, digit, holdPan } = latest.current
      if (!enabled || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return
      const { key, target } = event
      if ((key === 'Enter' || key === ' ') && ownButton(target)) return
      if (key === ' ') {
        if (onAnswer(target)) return
        holdPan(true)
        event.preventDefault()
        return
      }
      const pressed = /^\d$/.test(key) ? key : shiftedDigit(event)
      if (pressed !== null && !event.repeat && digit(pressed)) {
        event.preventDefault()
        return
      }
      if (intoNumber(key)) return
      const found = commandFor(comboOf(event), own)
      if (!found) return
      if (!event.repeat || COMMANDS[found].repeats) command(found)
      event.preventDefault()
    }
    const up = (event: KeyboardEvent): void => {
      if (event.key === ' ') latest.current.holdPan(false)
    }
    // a key that is let go while the page is not looked at is let go unheard
    const away = (): void => latest.current.holdPan(false)
    window.addEventListener('keydown', down)
    window.addEventListener('keyup', up)
    window.addEventListener('blur', away)
    return () => {
      window.removeEventListener('keydown', down)
      window.removeEventListener('keyup', up)
      window.removeEventListener('blur', away)
    }
  }, [])
}
