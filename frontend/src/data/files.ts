/** A file with its place inside what was dropped or chosen. */
export interface NamedFile {
  path: string
  file: File
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** A folder is read in batches of a hundred or so: on until one comes back empty. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const found: FileSystemEntry[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (batch.length === 0) return found
    found.push(...batch)
  }
}

async function walk(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    const file = await fileOf(entry as FileSystemFileEntry)
    return [{ path: entry.fullPath.replace(/^\//, ''), file }]
  }
  const inside = await entriesOf(entry as FileSystemDirectoryEntry)
  return (await Promise.all(inside.map(walk))).flat()
}

/** Files and whole folders, as dropped. The entries must be taken before the first await. */
export async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = Array.from(transfer.items).flatMap((item) => item.webkitGetAsEntry() ?? [])
  return (await Promise.all(entries.map(walk))).flat()
}

export const chosenFiles = (list: FileList): NamedFile[] =>
  Array.from(list).map((file) => ({ path: file.webkitRelativePath || file.name, file }))

const isTable = ({ path }: NamedFile): boolean => path.toLowerCase().endsWith('.csv')
const isHidden = ({ path }: NamedFile): boolean =>
  path.split('/').some((part) => part.startsWith('.'))

/** Requests of a bearable size. A CSV goes with every one, because it names files of all of them. */
export function parcels(files: NamedFile[], count: number, size: number): NamedFile[][] {
  const tables = files.filter(isTable)
  const images = files.filter((one) => !isTable(one) && !isHidden(one))
  const made: NamedFile[][] = []
  let open: NamedFile[] = []
  let held = 0
  for (const image of images) {
    if (open.length > 0 && (open.length >= count || held + image.file.size > size)) {
      made.push(open)
      open = []
      held = 0
    }
    open.push(image)
    held += image.file.size
  }
  if (open.length > 0) made.push(open)
  if (made.length === 0 && tables.length > 0) return [tables]
  return made.map((parcel) => [...tables, ...parcel])
}
