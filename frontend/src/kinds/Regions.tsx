import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { RegionField } from '../api/forms'
import { texts } from '../texts'
import { NotAssessable } from './Choices'
import chips from './Choices.module.css'
import { ItemDetails } from './ItemDetails'
import { ItemRow } from './ItemRow'
import { isModels, itemsOf, shapesOf } from './items'
import { itemText } from './itemText'
import { Option } from './Option'
import styles from './Regions.module.css'
import type { InputProps } from './types'
import { labelOf } from './words'

/** The segments of a mask: the brush paints the chosen one. */
function Segments(props: InputProps<RegionField>): ReactNode {
  const { field, slot, items } = props
  if (field.kind !== 'mask') return null
  return (
    <div className={chips.chips} role="radiogroup" aria-label={texts.kinds.segment}>
      {field.segments.map((segment, index) => (
        <Option
          key={segment.value}
          testId={`segment-${slot}-${segment.value}`}
          keyCap={String(index + 1)}
          look="chips"
          label={labelOf(segment)}
          chosen={(items.segment ?? field.segments[0]?.value) === segment.value}
          onChoose={() => items.onSegment(segment.value)}
        />
      ))}
    </div>
  )
}

function Foot(props: InputProps<RegionField>): ReactNode {
  const { field, slot, answer, items } = props
  const none = answer?.state === 'answered' && itemsOf(answer).length === 0
  return (
    <div className={styles.foot}>
      {shapesOf(field).map((shape) => (
        <Button
          key={shape}
          size="compact-md"
          variant={items.shape === shape ? 'filled' : 'default'}
          aria-pressed={items.shape === shape}
          onClick={() => items.onDraw(shape)}
          leftSection={<kbd className={styles.key}>{items.drawKey}</kbd>}
          data-testid={`draw-${slot}-${shape}`}
        >
          {(items.shape === shape ? texts.kinds.drawing : texts.kinds.draw)[shape]}
        </Button>
      ))}
      {!field.minimum && (
        <Option
          testId={`option-${slot}-none`}
          keyCap="0"
          look="chips"
          label={texts.kinds.noneFound}
          chosen={none}
          onChoose={items.onNone}
        />
      )}
      <NotAssessable {...props} look="cells" />
    </div>
  )
}

/** A list of what was marked on the images; what the model proposes stands in it with a dashed frame until it is taken. */
export function Regions(props: InputProps<RegionField>): ReactNode {
  const { field, slot, answer, items } = props
  const own = itemsOf(answer)
  const shown = [...own, ...items.suggestions]
  const selected = shown.find(({ id }) => id === items.selected)
  return (
    <div className={styles.regions}>
      <ul className={styles.list} aria-label={props.label} data-testid={`items-${slot}`}>
        {shown.map((item, index) => (
          <ItemRow
            key={item.id}
            number={index + 1}
            item={item}
            text={itemText(field, item, items.placeText(item))}
            suggested={index >= own.length}
            ofModel={isModels(item)}
            hand={items}
          />
        ))}
      </ul>
      <Segments {...props} />
      <Foot {...props} />
      {selected && <ItemDetails {...props} item={selected} />}
    </div>
  )
}
