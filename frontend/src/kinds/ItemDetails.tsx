import { Button, UnstyledButton } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Answer, BoxItem, Item, RegionField, ScalarField } from '../api/forms'
import { texts } from '../texts'
import { attributesOf } from './items'
import styles from './Regions.module.css'
import { scalarOf } from './scalars'
import type { InputProps } from './types'
import { definitionOf, labelOf } from './words'

type Props = InputProps<RegionField> & { item: Item }

function valueText(attribute: ScalarField, item: Item): string {
  const value = item.attributes?.[attribute.key]
  if (value !== undefined) return scalarOf(attribute).valueText(attribute, value)
  return attribute.required ? texts.kinds.wanted : '–'
}

/** The first and the last slice that a box reaches to. */
function Extent({ item, items }: Props): ReactNode {
  const { extent } = item as BoxItem
  const end = (which: 'first' | 'last'): ReactNode => (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<kbd className={styles.key}>{items.extentKeys[which]}</kbd>}
      onClick={() => items.onExtent(item.id, which)}
      data-testid={`extent-${which}`}
    >
      {extent ? items.placeText({ ...item, ...extent[which] }) : texts.kinds.extent[which]}
    </Button>
  )
  return (
    <div className={styles.extent}>
      {end('first')}
      {end('last')}
    </div>
  )
}

/** The questions about the selected item: all their answers in sight, the values of one below. */
export function ItemDetails(props: Props): ReactNode {
  const { field, item, items, slot } = props
  const attributes = attributesOf(field)
  const asked = attributes.find(({ key }) => key === items.attribute) ?? attributes[0]
  const answer = (attribute: ScalarField): Answer | undefined => {
    const value = item.attributes?.[attribute.key]
    return value === undefined ? undefined : { state: 'answered', value }
  }
  const Input = asked && scalarOf(asked).Input
  const details = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: they come into sight for each item anew
  useEffect(() => {
    // drawn on the image, or chosen by a key; under the hand nothing moves
    if (!details.current?.closest('fieldset')?.matches(':hover'))
      details.current?.scrollIntoView({ block: 'nearest' })
  }, [item.id])
  return (
    <div ref={details} className={styles.details} data-testid={`details-${item.id}`}>
      {field.kind === 'boxes' && field.extent && <Extent {...props} />}
      {attributes.map((attribute) => (
        <UnstyledButton
          key={attribute.key}
          className={styles.attribute}
          data-active={attribute.key === items.attribute || undefined}
          aria-pressed={attribute.key === asked?.key}
          data-testid={`attribute-${attribute.key}`}
          onClick={() => items.onFocusAttribute(attribute.key)}
        >
          <span>{labelOf(attribute)}</span>
          <strong>{valueText(attribute, item)}</strong>
        </UnstyledButton>
      ))}
      {asked && Input && (
        <div className={styles.values}>
          <Input
            {...props}
            field={asked}
            of={`${item.id} ${asked.key}`}
            slot={`${slot}.${asked.key}`}
            label={labelOf(asked)}
            answer={answer(asked)}
            proposal={null}
            active={props.active && items.attribute === asked.key}
            look="chips"
            ofItem
            onAnswer={(given) =>
              items.onAttribute(
                item.id,
                asked.key,
                given.state === 'answered' ? (given.value ?? null) : null,
              )
            }
            onPoint={(definition) => props.onPoint(definition ?? (definitionOf(asked) || null))}
          />
        </div>
      )}
    </div>
  )
}
