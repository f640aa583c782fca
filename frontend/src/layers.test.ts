import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

/** Each folder knows those before it and none after it; geometry < viewer < kinds < reading among them. */
const LAYERS = [
  'stubs',
  'texts',
  'geometry',
  'api',
  'viewer',
  'kinds',
  'parts',
  'reading',
  'jobs',
  'training',
  'data',
  'tasks',
]

/** Files of the root that everybody may know. */
const SHARED = ['format', 'theme']

const SOURCE = import.meta.dirname

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return Array.from(text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g), (found) => found[1] ?? '')
}

/** The folder (or root file) that an import leads to; null for packages. */
function target(file: string, imported: string): string | null {
  if (!imported.startsWith('.')) return null
  return relative(SOURCE, normalize(join(dirname(file), imported))).split('/')[0] ?? ''
}

function wrongImports(): string[] {
  return sources(SOURCE).flatMap((file) => {
    const place = relative(SOURCE, file)
    const layer = LAYERS.indexOf(place.split('/')[0] ?? '')
    if (layer < 0) return []
    return importsOf(file)
      .filter((imported) => {
        const to = target(file, imported)
        if (to === null || SHARED.includes(to)) return false
        const found = LAYERS.indexOf(to)
        return found < 0 || found > layer
      })
      .map((imported) => `${place} imports ${imported}`)
  })
}

test('it keeps the direction of imports', () => {
  expect(wrongImports()).toEqual([])
})

test('it has a place in the order for every folder', () => {
  const folders = readdirSync(SOURCE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  expect(folders.sort()).toEqual([...LAYERS].sort())
})
