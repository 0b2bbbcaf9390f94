// Images under names that are no keys of theirs: variables of a module with their defaults, and Helm's `set` with names and values.
import { isMap, isScalar, isSeq, Pair, Scalar, YAMLMap, type Document } from 'yaml'
import { locateTuple } from '../images/helm-values.ts'
import { joinReference, knownName, normalName, rewritten, splitReference } from '../images/identity.ts'
import { filled, type Manifest, type Steps } from '../manifest.ts'
import { parsePath, resolvePath } from '../path.ts'
import { kindOf, maps } from '../places.ts'
import { pairOf, type Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { Blocks } from './nodes.ts'

interface Named {
  name: string
  node: Scalar
  steps: Steps
}

export function locateNamedImages(
  manifest: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  if (manifest.format === 'yaml' || kindOf(document).isKubernetes) return []
  return [variables(document), ...settings(document)].flatMap(scope => [
    ...scope.flatMap(named => reference(named, document, update)),
    ...tuples(scope, manifest, document, update),
  ])
}

function variables(document: Document.Parsed): Named[] {
  const defaults = resolvePath(document, parsePath('variable[*].default'))
  return defaults.flatMap(({ node, steps }) =>
    isScalar(node) ? [{ name: String(steps[1]), node, steps }] : [],
  )
}

/** Blocks and lists of maps with `name` and `value`. */
function settings(document: Document.Parsed): Named[][] {
  return maps(document).flatMap(({ map, steps }) =>
    map.items.flatMap(({ key, value: list }) => {
      if (!isSeq(list)) return []
      const above = [...steps, isScalar(key) ? String(key.value) : '']
      const items =
        list instanceof Blocks ? list.entries() : list.items.map((node, index) => ({ node, steps: [index] }))
      return [items.flatMap(({ node, steps: own }) => setting(node, [...above, ...own, 'value']))]
    }),
  )
}

function setting(item: unknown, steps: Steps): Named[] {
  if (!isMap(item)) return []
  const [name, node] = ['name', 'value'].map(key => pairOf(item, key)?.value)
  return isScalar(name) && typeof name.value === 'string' && isScalar(node)
    ? [{ name: name.value, node, steps }]
    : []
}

/** A whole reference whose name ends in `image`, or says what of an image it is. */
function reference({ name, node, steps }: Named, document: Document.Parsed, update: ImageUpdate): Spot[] {
  const known = knownName(update)
  const text = filled(node, document)
  const isImage = /image(?:[-_.]?(?:name|ref|reference|uri|url))?$/i.test(name)
  if (!isImage || text === undefined || known === undefined || normalName(text) !== known) return []
  const old = splitReference(text)
  if (old.tag === undefined && old.digest === undefined) return []
  const value = { kind: 'string', text: joinReference(rewritten(old, update)) } as const
  return [{ steps, wishes: [{ kind: 'set', steps, node, value }], nodes: [node], notices: [] }]
}

/** As if the names were keys of one map. */
function tuples(
  scope: readonly Named[],
  manifest: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  const map = new YAMLMap()
  map.items = scope.map(({ name, node }) => new Pair(new Scalar(name), node))
  const places = new Map<unknown, Steps>(scope.map(({ node, steps }) => [node, steps]))
  const steps = scope[0]?.steps.slice(0, -2) ?? []
  return locateTuple(manifest, document, { map, steps }, update).map(spot => ({
    ...spot,
    wishes: spot.wishes.map(wish =>
      wish.kind === 'set' ? { ...wish, steps: places.get(wish.node) ?? steps } : wish,
    ),
  }))
}
