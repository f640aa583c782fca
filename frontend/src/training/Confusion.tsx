import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './Models.module.css'

/** Shaded by the share of the row, so that rare grades show as well as common ones. */
function shade(count: number, row: number[]): string {
  const total = row.reduce((sum, one) => sum + one, 0)
  const share = total ? Math.round((count / total) * 70) : 0
  return `color-mix(in srgb, var(--osteon-ours) ${share}%, var(--osteon-panel))`
}

/** Reference against model, as counts. */
export function Confusion({ counts, names }: { counts: number[][]; names: string[] }): ReactNode {
  if (counts.length === 0) return null
  const nameOf = (at: number): string => names[at] ?? String(at)
  const rows = counts.map((row, at) => ({ name: nameOf(at), row }))
  return (
    <div>
      <Title order={3} mb={8}>
        {texts.training.confusion}
      </Title>
      <table className={styles.matrix}>
        <thead>
          <tr>
            <td />
            {rows.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, row }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {row.map((count, at) => (
                <td key={nameOf(at)} style={{ background: shade(count, row) }}>
                  {count}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
