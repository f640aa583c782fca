/** The DICOM JSON model (PS3.18 F.2): tag to value. */
export interface Element {
  vr?: string
  Value?: unknown[]
  BulkDataURI?: string
  InlineBinary?: string
}
export type Attributes = Record<string, Element | undefined>

const SHARED = '52009229'
const PER_FRAME = '52009230'

export function numbers(attributes: Attributes, tag: string): number[] {
  return (attributes[tag]?.Value ?? []).map(Number)
}

export function text(attributes: Attributes, tag: string): string {
  const value = attributes[tag]?.Value?.[0]
  return typeof value === 'string' ? value : ''
}

export function texts(attributes: Attributes, tag: string): string[] {
  return (attributes[tag]?.Value ?? []).map(String)
}

export function items(attributes: Attributes, tag: string): Attributes[] {
  return (attributes[tag]?.Value ?? []) as Attributes[]
}

/** What holds for one frame: of an enhanced image its functional groups, spread over the rest (PS3.3 C.7.6.16). */
export function ofFrame(attributes: Attributes, frame: number): Attributes {
  const shared = items(attributes, SHARED)[0]
  const own = items(attributes, PER_FRAME)[frame - 1]
  if (!shared && !own) return attributes
  const groups = { ...shared, ...own }
  const spread = Object.keys(groups).map((tag) => items(groups, tag)[0] ?? {})
  return Object.assign({}, attributes, ...spread) as Attributes
}
