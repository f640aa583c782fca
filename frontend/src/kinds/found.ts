import type { ChoiceField } from '../api/forms'
import { labelOf } from './words'

/** The options that what was typed may mean, the likeliest first; a word of the form's own language counts as well. */
export function found({ options }: ChoiceField, typed: string): string[] {
  const wanted = typed.trim().toLowerCase()
  if (!wanted) return []
  const rank = (words: string[]): number => {
    if (words.some((word) => word.startsWith(wanted))) return 0
    if (words.some((word) => word.split(/[\s,(/-]+/).some((part) => part.startsWith(wanted))))
      return 1
    return words.some((word) => word.includes(wanted)) ? 2 : 3
  }
  return options
    .map((option) => ({
      value: option.value,
      rank: rank([labelOf(option), option.label].map((word) => word.toLowerCase())),
    }))
    .filter((one) => one.rank < 3)
    .sort((one, other) => one.rank - other.rank)
    .map((one) => one.value)
}
