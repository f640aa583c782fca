/** A file's Modality LUT (PS3.3 C.11.1): what was measured, by what is stored. */
export interface Lut {
  /** The stored value that the first entry is for. */
  first: number
  entries: ArrayLike<number>
}

/** Each stored value's entry; beyond the ends of the table the nearest one. Entries have 16 bits at most. */
export function measured(stored: ArrayLike<number>, { first, entries }: Lut): Uint16Array {
  const last = entries.length - 1
  const values = new Uint16Array(stored.length)
  for (let at = 0; at < values.length; at += 1)
    values[at] = entries[Math.min(last, Math.max(0, (stored[at] ?? 0) - first))] ?? 0
  return values
}
