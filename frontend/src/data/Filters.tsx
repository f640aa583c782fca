import { Button, Group, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { FacetValue, Filter, StudyPage, Wanted } from '../api/archive'
import { number } from '../format'
import { texts } from '../texts'
import styles from './Data.module.css'

/** More values than this stand behind a button. */
const SHOWN = 8

interface FiltersProps {
  facets: StudyPage['facets'] | undefined
  wanted: Wanted
  onChange: (filter: Filter, value: string) => void
}

/** A chosen value is shown even where it leaves nothing, so that it can be given up. */
function withChosen(values: FacetValue[], chosen: string | undefined): FacetValue[] {
  if (!chosen || values.some(({ value }) => value === chosen)) return values
  return [{ value: chosen, studies: 0 }, ...values]
}

const label = (filter: Filter, value: string): string =>
  filter === 'laterality' ? (texts.data.sides[value] ?? value) : value

function Values(props: FiltersProps & { filter: Filter }): ReactNode {
  const { facets, wanted, filter, onChange } = props
  const [all, setAll] = useState(false)
  const chosen = wanted[filter]
  const values = withChosen(facets?.[filter] ?? [], chosen)
  const shown = values.filter(({ value }, at) => all || at < SHOWN || value === chosen)
  return (
    <Group
      gap={8}
      wrap="nowrap"
      align="flex-start"
      role="group"
      aria-label={texts.data.filters[filter]}
    >
      <Text size="xs" c="dimmed" className={styles.filterName}>
        {texts.data.filters[filter]}
      </Text>
      <Group gap={8} mih={26}>
        {shown.length === 0 && (
          <Text size="sm" c="dimmed">
            {texts.office.none}
          </Text>
        )}
        {shown.map(({ value, studies }) => (
          <Button
            key={value}
            size="compact-sm"
            variant={value === chosen ? 'filled' : 'default'}
            aria-pressed={value === chosen}
            className={styles.filter}
            onClick={() => onChange(filter, value === chosen ? '' : value)}
          >
            {label(filter, value)}
            <span className={styles.filterCount}>{number(studies)}</span>
          </Button>
        ))}
        {values.length > SHOWN && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setAll(!all)}>
            {all ? texts.data.fewerValues : texts.data.moreValues(values.length - shown.length)}
          </Button>
        )}
      </Group>
    </Group>
  )
}

/** What there is of each sort; one press leaves only that. */
export function Filters(props: FiltersProps): ReactNode {
  return (
    <div className={styles.filters} data-testid="filters">
      <div className={styles.filterLine}>
        <Values {...props} filter="modality" />
        <Values {...props} filter="laterality" />
      </div>
      <Values {...props} filter="body_part" />
    </div>
  )
}
