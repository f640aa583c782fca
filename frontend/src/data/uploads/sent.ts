/** Where the files of unfinished uploads went, so that choosing them again after a break sends only what is missing.

Kept in this browser without any name: a file's name is often a patient's, so only a hash of it is written down. */

const WHOLE = 'whole '

const prefix = (upload: number): string => `osteon.upload.${upload}.`

/** Null where the browser has no hashing (a page that came neither by HTTPS nor from this machine). */
export async function mark(path: string, file: File): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null
  const text = new TextEncoder().encode(`${path}\n${file.size}\n${file.lastModified}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function addressOf(upload: number, marked: string | null): string | null {
  const value = marked && localStorage.getItem(prefix(upload) + marked)
  return value ? value.replace(WHOLE, '') : null
}

export function remember(upload: number, marked: string | null, address: string): void {
  if (!marked) return
  try {
    localStorage.setItem(prefix(upload) + marked, address)
  } catch {
    // The browser's storage is full: this file would be sent again after a break, no more than that.
  }
}

/** From here on it has arrived whole. */
export function markArrived(upload: number, marked: string | null): void {
  const address = addressOf(upload, marked)
  if (address) remember(upload, marked, WHOLE + address)
}

const all = (upload: number): string[] =>
  Object.keys(localStorage).filter((key) => key.startsWith(prefix(upload)))

/** Whether this browser sent some of it: only then can it go on. */
export const knows = (upload: number): boolean => all(upload).length > 0

/** Addresses where half of a file may lie. */
export const halves = (upload: number): string[] =>
  all(upload).flatMap((key) => {
    const value = localStorage.getItem(key) ?? ''
    return value.startsWith(WHOLE) ? [] : [value]
  })

export function forget(upload: number): void {
  for (const key of all(upload)) localStorage.removeItem(key)
}
