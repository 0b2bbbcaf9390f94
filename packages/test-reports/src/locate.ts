// Where in the sources a test failed: the right line or none.
import { framesOf, type Frame } from './frames.ts'
import type { Case, SourceIndex } from './types.ts'

export interface SourcePlace {
  /** Relative to the workspace, with `/`. */
  file: string
  line: number
  column?: number
}

const FOREIGN = /(?:^|\/)(?:node_modules|vendor|site-packages|dist-packages)\//

/**
 * The place of a failure: the first frame of its stack in a tracked file, which is the failing assertion; else the line
 * where the test is declared. A line after the end of a file means that the frame is about other text (compiled,
 * mapped), so it is passed over. Undefined where nothing is certain: a file's name alone proves nothing.
 */
export function createLocator(index: SourceIndex): (failure: Case) => SourcePlace | undefined {
  const resolve = createResolver(index)
  const confirm = ({ path, line, column }: Frame): SourcePlace | undefined => {
    const file = resolve(path)
    if (file === undefined || line < 1) return undefined
    const lines = index.lines(file)
    if (lines === undefined || line > lines.length) return undefined
    return { file, line, ...(column === undefined ? {} : { column }) }
  }
  return ({ trace = '', message = '', file, line }) => {
    for (const frame of framesOf(`${trace}\n${message}`)) {
      const place = confirm(frame)
      if (place !== undefined) return place
    }
    return file === undefined || line === undefined ? undefined : confirm({ path: file, line })
  }
}

/** `createLocator` for a single failure. */
export function locate(failure: Case, index: SourceIndex): SourcePlace | undefined {
  return createLocator(index)(failure)
}

/** From a path as a tool wrote it to a tracked file; undefined where there is none, or more than one could be meant. */
function createResolver({ root, base = '', tracked }: SourceIndex): (path: string) => string | undefined {
  let byName: Map<string, string[]> | undefined
  const known = () => (byName ??= groupByName(tracked()))
  const rootPath = `${slashes(root).replace(/\/+$/, '')}/`
  const isTracked = (path: string) => known().get(nameOf(path))?.includes(path) === true

  return written => {
    const text = slashes(written)
    if (FOREIGN.test(text)) return undefined
    if (!isAbsolute(text)) {
      const fromBase = normalise(base === '' ? text : `${slashes(base)}/${text}`)
      if (fromBase !== undefined && isTracked(fromBase)) return fromBase
    }
    const path = normalise(text)
    if (path === undefined) return undefined
    if (path.startsWith(rootPath)) {
      const own = path.slice(rootPath.length)
      return isTracked(own) ? own : undefined
    }
    if (!isAbsolute(path) && isTracked(path)) return path
    return bySuffix(path, known().get(nameOf(path)) ?? [])
  }
}

/** Another root (a container's, another machine's) over the same tree: the longest tracked path that this one ends in. */
function bySuffix(path: string, candidates: readonly string[]): string | undefined {
  const isEnd = (candidate: string) => candidate.includes('/') && `/${path}`.endsWith(`/${candidate}`)
  return candidates.filter(isEnd).sort((one, other) => other.length - one.length)[0]
}

function groupByName(paths: Iterable<string>): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const group = groups.get(nameOf(path))
    if (group === undefined) groups.set(nameOf(path), [path])
    else group.push(path)
  }
  return groups
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const slashes = (path: string): string => path.replaceAll('\\', '/')
const isAbsolute = (path: string): boolean => /^(?:\/|[A-Za-z]:\/)/.test(path)

/** Without `.` and `..`; undefined when it climbs out of where it begins. */
function normalise(path: string): string | undefined {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.length === 0 || parts.at(-1) === '') return undefined
      parts.pop()
    } else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
