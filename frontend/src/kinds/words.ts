import type { Field, Worded } from '../api/forms'
import { texts } from '../texts'
import { language } from '../texts/language'

interface Named {
  name: string
  name_zh?: string | null
}

const pick = (plain: string | undefined, chinese: string | undefined): string =>
  (language === 'zh' && chinese) || plain || ''

/** A form's words in the page's language; where the template has no translation, as they are. */
export const labelOf = (of: Worded): string => pick(of.label, of.label_zh)
export const nameOf = (of: Named): string => pick(of.name, of.name_zh ?? undefined)
export const definitionOf = (of: Worded): string => pick(of.definition, of.definition_zh)
export const helpOf = (of: { help?: string; help_zh?: string }): string => pick(of.help, of.help_zh)

/** A task has its form's name until somebody gives it another. */
export const taskName = ({ name, form }: { name: string; form: Named }): string =>
  name === form.name ? nameOf(form) : name

/** A site is a name in the form; its template has words for it, else the common ones have. */
export const siteText = (field: Field, site: string): string =>
  (language === 'zh' && field.site_labels_zh?.[site]) ||
  field.site_labels?.[site]?.toLowerCase() ||
  (texts.kinds.sites[site] ?? site.replaceAll('_', ' '))

/** A UCUM unit in words; "1" is none. */
export const unitText = (unit: string): string => texts.kinds.units[unit] ?? unit
