import { Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Calibration } from '../api/training'
import { Chart } from '../parts/Chart'
import { texts } from '../texts'
import { estimateText } from './figures'
import styles from './Models.module.css'

const words = texts.models

function Counts({ bins }: { bins: Calibration['bins'] }): ReactNode {
  return (
    <table className={`${styles.bins} figures`}>
      <thead>
        <tr>
          <th scope="col">{words.chance}</th>
          <th scope="col">{words.share}</th>
          <th scope="col">{words.cases}</th>
        </tr>
      </thead>
      <tbody>
        {bins.map((bin) => (
          <tr key={bin.from}>
            <td>{bin.chance.toFixed(2)}</td>
            <td>{estimateText(bin.share)}</td>
            <td>{bin.n}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Does the model mean what it says? Chances given against what was so, with intervals and counts. */
export function Reliability({ of }: { of: Calibration }): ReactNode {
  const { bins } = of
  const ends = (inside: (number | null)[]): (number | null)[] => [null, ...inside, null]
  const x = [0, ...bins.map((bin) => bin.chance), 1]
  return (
    <section>
      <Title order={3}>{words.reliability}</Title>
      <Text c="dimmed" size="sm" mb={8}>
        {words.reliabilitySays[of.event]} {words.eceIs(estimateText(of.ece))}
      </Text>
      <div className={styles.reliability}>
        <Chart
          testId="reliability"
          x={x}
          xLabel={words.chance}
          yLabel={words.share}
          range={[0, 1]}
          xRange={[0, 1]}
          height={240}
          lines={[
            { label: words.ideal, color: '--osteon-quiet', dash: [4, 4], values: x, bare: true },
            {
              label: words.thisModel,
              color: '--osteon-ours',
              values: ends(bins.map((bin) => bin.share.value)),
              low: ends(bins.map((bin) => bin.share.low)),
              high: ends(bins.map((bin) => bin.share.high)),
            },
          ]}
        />
        <Counts bins={bins} />
      </div>
    </section>
  )
}
