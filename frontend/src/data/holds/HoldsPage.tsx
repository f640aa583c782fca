import { Button, Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Back } from '../../parts/Back'
import { Heading } from '../../parts/Page'
import { Empty, Loaded } from '../../parts/States'
import { texts } from '../../texts'
import { Look } from './Look'
import { useQueue } from './useQueue'

const words = texts.holds

/** One image after the other that may show a name: black out, release or discard. */
export function HoldsPage(): ReactNode {
  const queue = useQueue()
  const { hold } = queue
  return (
    <>
      <Back to="/data" label={texts.study.back} />
      <Heading title={words.title} note={hold && words.left(queue.left)} />
      <Loaded
        query={queue.query}
        skeleton={<Skeleton height="calc(100vh / var(--osteon-scale) - 168px)" />}
      >
        {() =>
          hold ? (
            <Look key={hold.sop_instance_uid} hold={hold} queue={queue} />
          ) : (
            <Empty
              title={words.none}
              help={words.noneHelp}
              action={
                <Button component={Link} to="/data">
                  {words.toStudies}
                </Button>
              }
            />
          )
        }
      </Loaded>
    </>
  )
}
