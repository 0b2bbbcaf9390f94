// The lines of `layers`: `source:target`, and `!glob` under it for what is left out.
import { isAbsolute, relative, resolve, sep } from 'node:path'
import picomatch from 'picomatch'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { LayerSource } from '@gitops-relay/oci'

export interface LayerLine extends LayerSource {
  /** As written, for people. */
  line: string
}

/** @param context absolute; sources stay inside it */
export function readLayers(lines: readonly string[], context: string): LayerLine[] {
  const layers: { line: string; source: string; target: string; excluded: string[] }[] = []
  for (const line of lines) {
    if (line.startsWith('!')) {
      const last = layers.at(-1)
      if (last === undefined)
        throw bad(line, 'leaves something out of no layer', 'Write a source:target line above it.')
      last.excluded.push(line.slice(1).trim())
      continue
    }
    const at = line.lastIndexOf(':')
    const [source, target] = [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    if (at < 1 || !target.startsWith('/'))
      throw bad(line, 'is no source:target', 'Write a target that begins with /.')
    if (target.split('/').some(part => part === '..'))
      throw bad(line, 'climbs out of the image', 'Write the target without "..".')
    const path = resolve(context, source)
    const inside = relative(context, path)
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw bad(line, 'is outside of "context"', 'Write a source inside of it.')
    layers.push({ line, source: path, target, excluded: [] })
  }
  return layers.map(({ excluded, ...layer }) => {
    const matchers = excluded.map(glob => picomatch([glob, `${glob.replace(/\/+$/, '')}/**`], { dot: true }))
    return { ...layer, root: context, isExcluded: path => matchers.some(matches => matches(path)) }
  })
}

const bad = (line: string, what: string, remedy: string) =>
  new UserError('bad-layers', `The line ${JSON.stringify(line)} of "layers" ${what}.`, remedy)
