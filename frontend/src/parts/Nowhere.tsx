import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { texts } from '../texts'
import { Empty } from './States'

/** An address that leads nowhere. */
export function Nowhere(): ReactNode {
  return (
    <Empty
      title={texts.office.nowhere}
      help={texts.office.nowhereHelp}
      action={
        <Button component={Link} to="/tasks">
          {texts.office.toTasks}
        </Button>
      }
    />
  )
}
