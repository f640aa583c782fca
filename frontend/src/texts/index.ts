import { en } from './en'
import { language } from './language'
import { zh } from './zh'

export type Texts = typeof en

/** Every sentence of the pages: one file a family of pages, once a language; a language that lacks one does not build. */
export const texts: Texts = { en, zh }[language]
