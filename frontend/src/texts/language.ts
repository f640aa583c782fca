/** The languages of the pages, each named in itself. */
export const LANGUAGES = { en: 'English', zh: '中文' } as const
export type Language = keyof typeof LANGUAGES

const KEY = 'osteon.language'

const isLanguage = (value: string | null | undefined): value is Language =>
  value !== null && value !== undefined && value in LANGUAGES

function kept(): string | null {
  try {
    return globalThis.localStorage?.getItem(KEY) ?? null
  } catch {
    return null // storage may be forbidden: then the browser's own language counts
  }
}

/** The one the user chose on this machine, else the browser's own, else English. */
function chosen(): Language {
  const own = kept()
  if (isLanguage(own)) return own
  const browser = globalThis.navigator?.language?.slice(0, 2)
  return isLanguage(browser) ? browser : 'en'
}

export const language: Language = chosen()

/** Texts are read where modules load, so another language is another load of the page. */
export function setLanguage(wanted: Language): void {
  globalThis.localStorage.setItem(KEY, wanted)
  globalThis.location.reload()
}
