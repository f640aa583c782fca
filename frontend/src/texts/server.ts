import { type Language, language } from './language'
import { server as zh } from './zh/server'

export type Parameters = Readonly<Record<string, unknown>>
/** `inner` says a sentence that stands within this one. */
export type Say = (parameters: Parameters, inner: (part: unknown) => string) => string

/** What the server has to say, as a code with what goes into the sentence. */
export interface Reason {
  code?: unknown
  parameters?: unknown
}

/** As it stands beside a sentence: empty where only that can be shown, missing in what others made. */
export type SaidBy = Reason | null | undefined

/** The server speaks English itself. */
const CATALOGUE: Record<Language, Record<string, Say>> = { en: {}, zh }

const object = (value: unknown): value is Parameters => typeof value === 'object' && value !== null

const inner = (part: unknown): string => {
  const { sentence, ...reason } = object(part) ? part : { sentence: part }
  return serverSaid(reason, String(sentence ?? ''))
}

/** The server's sentence in the language of the page; its own where the page has no other. */
export function serverSaid<Own>(reason: SaidBy, own: Own): string | Own {
  const { code, parameters } = reason ?? {}
  const catalogue = CATALOGUE[language]
  const say = typeof code === 'string' && Object.hasOwn(catalogue, code) ? catalogue[code] : null
  return say ? say(object(parameters) ? parameters : {}, inner) : own
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
