import { SegmentedControl } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import { LANGUAGES, type Language, language, setLanguage } from '../texts/language'

const DATA = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))

/** Each language by its own name, so that whoever does not read this one finds his. */
export function LanguageChoice(): ReactNode {
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      data={DATA}
      value={language}
      onChange={(wanted) => setLanguage(wanted as Language)}
      aria-label={texts.office.language}
    />
  )
}
