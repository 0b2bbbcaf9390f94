// Images under names that are no keys of theirs: variables of a module with their defaults, Helm's `set` and Argo CD's `helm.parameters` with names and values.
import { isMap, isScalar, isSeq, Pair, Scalar, YAMLMap, type Alias, type Document } from 'yaml'
import { Blocks } from '../formats/nodes.ts'
import { filled, type Manifest, type Steps } from '../manifest.ts'
import { parsePath, resolvePath } from '../path.ts'
import { kindOf, maps } from '../places.ts'
import { pairOf, type Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { locateTuple } from './helm-values.ts'
import { imageKey, referenceSpots } from './references.ts'
import { isPartNode } from './tuples.ts'

interface Named {
  name: string
  node: Scalar | Alias
  steps: Steps
}

export function locateNamedImages(
  manifest: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  return scopesOf(manifest, document).flatMap(scope => {
    const map = mapOf(scope)
    const places = new Map<unknown, Steps>(scope.map(({ node, steps }) => [node, steps]))
    const steps = scope[0]?.steps.slice(0, -2) ?? []
    const spots = [
      ...scope
        .filter(({ name }) => imageKey.test(name))
        .flatMap(({ name, ...value }) =>
          referenceSpots(document, update, { ...value, map, key: name, isSure: false }),
        ),
      ...locateTuple(manifest, document, { map, steps }, update),
    ]
    return spots.map(spot => ({
      ...spot,
      wishes: spot.wishes.map(wish =>
        wish.kind === 'set' ? { ...wish, steps: places.get(wish.node) ?? steps } : wish,
      ),
    }))
  })
}

/** As if the names were keys of one map: that in which this value stands, and its name there. */
export function namedValue(
  manifest: Manifest,
  document: Document.Parsed,
  value: unknown,
): { map: YAMLMap; key: string } | undefined {
  for (const scope of scopesOf(manifest, document)) {
    const found = scope.find(({ node }) => node === value)
    if (found) return { map: mapOf(scope), key: found.name }
  }
  return undefined
}

function mapOf(scope: readonly Named[]): YAMLMap {
  const map = new YAMLMap()
  map.items = scope.map(({ name, node }) => new Pair(new Scalar(name), node))
  return map
}

const scopes = new WeakMap<Document.Parsed, Named[][]>()

/** In YAML, and in what Kubernetes reads, only Argo CD's parameters. */
function scopesOf({ format }: Manifest, document: Document.Parsed): Named[][] {
  let found = scopes.get(document)
  if (found === undefined) {
    const isModule = format !== 'yaml' && !kindOf(document).isKubernetes
    found = [...(isModule ? [variables(document)] : []), ...settings(document, isModule)]
    scopes.set(document, found)
  }
  return found
}

function variables(document: Document.Parsed): Named[] {
  const defaults = resolvePath(document, parsePath('variable[*].default'))
  return defaults.flatMap(({ node, steps }) =>
    isScalar(node) ? [{ name: String(steps[1]), node, steps }] : [],
  )
}

/** Blocks and lists of maps with `name` and `value`. */
function settings(document: Document.Parsed, isModule: boolean): Named[][] {
  return maps(document).flatMap(({ map, steps }) =>
    map.items.flatMap(({ key, value: list }) => {
      const name = isScalar(key) ? String(key.value) : ''
      const isMeant = isModule || (name === 'parameters' && steps.at(-1) === 'helm')
      if (!isSeq(list) || !isMeant) return []
      const above = [...steps, name]
      const items =
        list instanceof Blocks ? list.entries() : list.items.map((node, index) => ({ node, steps: [index] }))
      return [items.flatMap(({ node, steps: own }) => setting(document, node, [...above, ...own, 'value']))]
    }),
  )
}

function setting(document: Document.Parsed, item: unknown, steps: Steps): Named[] {
  if (!isMap(item)) return []
  const name = filled(pairOf(item, 'name')?.value, document)
  const node = pairOf(item, 'value')?.value
  return name !== undefined && isPartNode(node) ? [{ name, node, steps }] : []
}
