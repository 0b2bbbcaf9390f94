// Which files are reports of this run.
import { glob, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'

export interface Found {
  /** Absolute, sorted. */
  fresh: readonly string[]
  /** They match, but are older than the run. */
  stale: readonly string[]
}

// Clocks of file systems are coarse; what was there before is recognised by itself, whatever its time.
const TOLERANCE = 2000

/**
 * Looks at what matches now, before the run; the answer tells afterwards which reports are new. A file is if it was
 * written since (its time, size or inode is another one) and does not carry an older time, as an unpacked one does.
 *
 * @param since milliseconds since the epoch; undefined: reports count whatever their age
 */
export async function expectReports(
  directory: string,
  globs: readonly string[],
  since: number | undefined,
): Promise<() => Promise<Found>> {
  const isFresh = ([path, { text, time }]: readonly [string, Mark]) =>
    before.get(path)?.text !== text && (since === undefined || time >= since - TOLERANCE)
  const before = since === undefined ? new Map<string, Mark>() : await look(directory, globs)
  return async () => {
    const found = [...(await look(directory, globs))].sort(([one], [other]) => (one < other ? -1 : 1))
    return {
      fresh: found.filter(isFresh).map(([path]) => path),
      stale: found.filter(entry => !isFresh(entry)).map(([path]) => path),
    }
  }
}

interface Mark {
  text: string
  time: number
}

/** `node_modules` and `.git` are left out, unless a glob names them. */
async function look(directory: string, globs: readonly string[]): Promise<Map<string, Mark>> {
  const marks = new Map<string, Mark>()
  for (const pattern of globs) {
    const closed = ['node_modules', '.git'].filter(name => !pattern.includes(name))
    const exclude = (path: string) => closed.includes(basename(path))
    for await (const match of glob(pattern, { cwd: directory, exclude })) {
      const path = resolve(directory, match)
      const found = await stat(path).catch(() => undefined)
      if (!found?.isFile()) continue
      marks.set(path, { text: `${found.mtimeMs} ${found.size} ${found.ino}`, time: found.mtimeMs })
    }
  }
  return marks
}
