import { type Language, language } from './language'
import { server as zh } from './zh/server'

export type Parameters = Readonly<Record<string, unknown>>
export type Say = (parameters: Parameters) => string

/** What the server has to say, as a code with what goes into the sentence. */
export interface Reason {
  code?: unknown
  parameters?: unknown
}

/** The server speaks English itself. */
const CATALOGUE: Record<Language, Record<string, Say>> = { en: {}, zh }

const object = (value: unknown): value is Parameters => typeof value === 'object' && value !== null

/** The server's sentence in the language of the page; its own where the page has no other. */
export function serverSaid<Own>({ code, parameters }: Reason, own: Own): string | Own {
  const catalogue = CATALOGUE[language]
  const say = typeof code === 'string' && Object.hasOwn(catalogue, code) ? catalogue[code] : null
  return say ? say(object(parameters) ? parameters : {}) : own
}

/** The same for each slot: `slots` has the server's sentences, `reasons` their codes. */
export function slotsSaid(body: Readonly<Record<string, unknown>>): Record<string, string> {
  const { slots, reasons } = body
  if (!object(slots)) return {}
  const coded = object(reasons) ? reasons : {}
  return Object.fromEntries(
    Object.entries(slots).map(([slot, own]) => {
      const reason = coded[slot]
      return [slot, serverSaid(object(reason) ? reason : {}, String(own))]
    }),
  )
}
