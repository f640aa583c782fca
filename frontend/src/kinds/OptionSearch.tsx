import { TextInput } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import type { ChoiceField } from '../api/forms'
import { texts } from '../texts'
import styles from './Choices.module.css'
import { found } from './found'

interface OptionSearchProps {
  field: ChoiceField
  /** The key that leads here. */
  keyCap: string
  /** The options that fit, the one that Enter takes first; null while nothing is typed. */
  onFound: (values: string[] | null) => void
  onChoose: (value: string) => void
}

/** Finds one of many options by its name: for lists that are longer than there are keys. */
export function OptionSearch(props: OptionSearchProps): ReactNode {
  const { field, keyCap, onFound, onChoose } = props
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const look = (text: string, step = 0): void => {
    const values = found(field, text)
    const first = values.length > 0 ? (step + values.length) % values.length : 0
    setTyped(text)
    setAt(first)
    onFound(text.trim() ? [...values.slice(first), ...values.slice(0, first)] : null)
  }
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    const { key, currentTarget, nativeEvent } = event
    if (nativeEvent.isComposing) return // the Enter that ends a Chinese word is no Enter
    if (!['Enter', 'Escape', 'ArrowDown', 'ArrowUp'].includes(key)) return
    event.preventDefault()
    event.stopPropagation()
    if (key === 'ArrowDown') look(typed, at + 1)
    else if (key === 'ArrowUp') look(typed, at - 1)
    else {
      const value = key === 'Enter' ? found(field, typed)[at] : undefined
      if (value === undefined && key === 'Enter') return
      currentTarget.blur()
      if (value !== undefined) onChoose(value)
    }
  }
  return (
    <TextInput
      size="xs"
      className={styles.search}
      data-search
      aria-label={texts.kinds.searchIn}
      placeholder={texts.kinds.searchIn}
      leftSection={<kbd className={styles.key}>{keyCap}</kbd>}
      value={typed}
      onChange={(event) => look(event.currentTarget.value)}
      onKeyDown={press}
      onBlur={() => look('')}
    />
  )
}
