import { Anchor, NavLink, Text } from '@mantine/core'
import { IconDatabase, IconListCheck, IconLogout, IconStack2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, Outlet, useLocation } from 'react-router'
import { getMe } from '../api/me'
import { keys } from '../api/queries'
import { texts } from '../texts'
import { LanguageChoice } from './LanguageChoice'
import styles from './Shell.module.css'

const PLACES = [
  { to: '/tasks', label: texts.office.tasks, icon: IconListCheck },
  { to: '/data', label: texts.office.data, icon: IconDatabase },
  { to: '/jobs', label: texts.office.jobs, icon: IconStack2 },
]

/** The office: a left rail, and the page beside it. */
export function Shell(): ReactNode {
  const { pathname } = useLocation()
  const { data: me } = useQuery({ queryKey: keys.me, queryFn: getMe })
  return (
    <div className={styles.shell}>
      <nav className={styles.rail} aria-label={texts.office.main}>
        <Link to="/tasks" className={styles.brand}>
          <img src="/static/frontend/favicon.svg" alt="" width={24} height={24} />
          {texts.office.product}
        </Link>
        {PLACES.map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            leftSection={<Icon size={18} aria-hidden />}
            active={pathname.startsWith(to)}
            className={styles.place}
          />
        ))}
        <div className={styles.person}>
          <Text size="sm" truncate data-testid="me">
            {me?.display_name || me?.username}
          </Text>
          <Anchor href="/accounts/logout/" size="sm" c="dimmed" className={styles.out}>
            <IconLogout size={16} aria-hidden /> {texts.office.signOut}
          </Anchor>
          <LanguageChoice />
        </div>
      </nav>
      <main className={styles.page}>
        <Outlet />
      </main>
    </div>
  )
}
