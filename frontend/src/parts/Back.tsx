import { Anchor } from '@mantine/core'
import { IconChevronLeft } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import styles from './Back.module.css'

/** One step up, above a page's heading. */
export function Back({ to, label }: { to: string; label: string }): ReactNode {
  return (
    <Anchor component={Link} to={to} size="sm" c="dimmed" className={styles.back}>
      <IconChevronLeft size={16} aria-hidden />
      {label}
    </Anchor>
  )
}
