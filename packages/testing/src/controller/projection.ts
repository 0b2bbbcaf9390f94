// `fields=` of Argo CD's API: only these parts of an answer, or with a leading `-` all but these.

type Paths = Map<string, Paths>

/** Paths are dotted; arrays are passed through. */
export function project(value: unknown, fields: string | null): unknown {
  if (fields === null || fields === '') return value
  const isExcluding = fields.startsWith('-')
  const paths: Paths = new Map()
  for (const field of fields.replace(/^-/, '').split(',')) {
    let at = paths
    for (const name of field.split('.')) {
      const next: Paths = at.get(name) ?? new Map()
      at.set(name, next)
      at = next
    }
  }
  return isExcluding ? exclude(value, paths) : include(value, paths)
}

function include(value: unknown, paths: Paths): unknown {
  if (paths.size === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => include(item, paths))
  const kept = Object.entries(value).filter(([name]) => paths.has(name))
  return Object.fromEntries(kept.map(([name, part]) => [name, include(part, paths.get(name) ?? new Map())]))
}

function exclude(value: unknown, paths: Paths): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => exclude(item, paths))
  const kept = Object.entries(value).filter(([name]) => paths.get(name)?.size !== 0)
  return Object.fromEntries(kept.map(([name, part]) => [name, exclude(part, paths.get(name) ?? new Map())]))
}
