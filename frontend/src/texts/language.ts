/** The languages of the pages, each named in itself. */
export const LANGUAGES = { en: 'English', zh: '中文' } as const
export type Language = keyof typeof LANGUAGES

/** The server's own pages follow the same cookie: LANGUAGE_COOKIE_NAME in config/settings.py. */
const COOKIE = 'osteon_language'
const YEAR = 365 * 24 * 3600

const isLanguage = (value: string | null | undefined): value is Language =>
  value !== null && value !== undefined && value in LANGUAGES

/** "zh" of "zh-hans", as the server names it. */
function kept(): string | undefined {
  return new RegExp(`(?:^|; )${COOKIE}=(\\w+)`).exec(globalThis.document?.cookie ?? '')?.[1]
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
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is missing at plain http addresses
  document.cookie = `${COOKIE}=${wanted}; path=/; max-age=${YEAR}; samesite=lax`
  globalThis.location.reload()
}
