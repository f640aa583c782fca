import { ActionIcon, UnstyledButton } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Item } from '../api/forms'
import { chanceText } from '../geometry/zoom'
import { texts } from '../texts'
import type { ItemsHand } from './items'
import styles from './Regions.module.css'

interface ItemRowProps {
  number: number
  item: Item
  text: string
  suggested: boolean
  ofModel: boolean
  hand: ItemsHand
}

/** One item: pointing at it shows it on its image, choosing it lets its attributes be answered. */
export function ItemRow(props: ItemRowProps): ReactNode {
  const { number, item, text, suggested, ofModel, hand } = props
  const selected = hand.selected === item.id
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' })
  }, [selected])
  const origin = suggested
    ? [texts.kinds.suggested, item.score === undefined ? '' : chanceText(item.score)]
    : [ofModel ? texts.kinds.taken : '']
  return (
    <li
      ref={row}
      className={styles.item}
      data-suggested={suggested || undefined}
      data-selected={selected || undefined}
      data-hidden={(suggested && hand.hidden) || undefined}
      data-testid={`item-${item.id}`}
      onMouseEnter={() => hand.onHover(item.id)}
      onMouseLeave={() => hand.onHover(null)}
    >
      <UnstyledButton
        className={styles.name}
        data-answer
        aria-pressed={selected}
        onClick={() => hand.onSelect(item.id)}
      >
        <kbd className={styles.key}>{number}</kbd>
        <span className={styles.text} title={text}>
          {text}
        </span>
        <span className={styles.origin}>{origin.filter(Boolean).join(' · ')}</span>
      </UnstyledButton>
      {suggested && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={texts.kinds.accept(number)}
          onClick={() => hand.onAccept(item.id)}
        >
          <IconCheck size={16} />
        </ActionIcon>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={texts.kinds.remove(number)}
        onClick={() => hand.onRemove(item.id)}
      >
        <IconX size={16} />
      </ActionIcon>
    </li>
  )
}
