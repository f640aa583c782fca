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
  return sendable((await Promise.all(entries.map(walk))).flat())
}

export const chosenFiles = (list: FileList): NamedFile[] =>
  sendable(Array.from(list).map((file) => ({ path: file.webkitRelativePath || file.name, file })))

/** Not what the machine itself keeps in a folder (".DS_Store"): nobody meant to send that. */
export const sendable = (files: readonly NamedFile[]): NamedFile[] =>
  files.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')))
