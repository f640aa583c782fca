/** Where the files of unfinished uploads went, so that choosing them again after a break sends only what is missing.

Kept in this browser without any name: a file's name is often a patient's, so only a hash of it is written down. */

const prefix = (upload: number): string => `osteon.upload.${upload}.`

/** Null where the browser has no hashing (a page that came neither by HTTPS nor from this machine). */
export async function mark(path: string, file: File): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null
  const text = new TextEncoder().encode(`${path}\n${file.size}\n${file.lastModified}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function addressOf(upload: number, marked: string | null): string | null {
  return marked && localStorage.getItem(prefix(upload) + marked)
}

export function remember(upload: number, marked: string | null, address: string): void {
  if (!marked) return
  try {
    localStorage.setItem(prefix(upload) + marked, address)
  } catch {
    // The browser's storage is full: this file would be sent again after a break, no more than that.
  }
}

export function forget(upload: number): void {
  for (const key of Object.keys(localStorage))
    if (key.startsWith(prefix(upload))) localStorage.removeItem(key)
}
