import type { Worded } from '../api/forms'
import { texts } from '../texts'
import { language } from '../texts/language'

const pick = (plain: string | undefined, chinese: string | undefined): string =>
  (language === 'zh' && chinese) || plain || ''

/** A form's words in the page's language; where the template has no translation, as they are. */
export const labelOf = (of: Worded): string => pick(of.label, of.label_zh)
export const definitionOf = (of: Worded): string => pick(of.definition, of.definition_zh)
export const helpOf = (of: { help?: string; help_zh?: string }): string => pick(of.help, of.help_zh)

/** A site is a name in the form; the common ones have words. */
export const siteText = (site: string): string =>
  texts.kinds.sites[site] ?? site.replaceAll('_', ' ')
