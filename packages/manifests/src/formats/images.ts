// Images in what is not YAML: references under a key of their own, and tuples in variables, `X_tag` keys and Helm's `set`.
import { isMap, isScalar, isSeq, Pair, Scalar, YAMLMap, type Document } from 'yaml'
import { joinReference, knownName, normalName, rewritten, splitReference } from '../images/identity.ts'
import { locateTuple } from '../images/tuples.ts'
import { filled, type Manifest, type Steps } from '../manifest.ts'
import { parsePath, resolvePath } from '../path.ts'
import { maps } from '../places.ts'
import { pairOf, type Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { Blocks } from './nodes.ts'

/** A value and the name that says what it is, which need not be its key. */
interface Named {
  name: string
  node: Scalar
  steps: Steps
  /** The key is the name, so that the shapes of all formats have seen it. */
  isKey: boolean
}

/** Kubernetes objects in JSON are found as they are in YAML. */
export function locateNamedImages(
  manifest: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  const isKubernetes = document.has('apiVersion') && document.has('kind')
  if (manifest.format === 'yaml' || isKubernetes) return []
  return scopes(document).flatMap(scope => {
    const byName = new Map(scope.map(value => [value.name, value]))
    return scope.flatMap(value => [
      ...reference(value, document, update),
      ...tuple(value, byName, manifest, document, update),
    ])
  })
}

/** Values that stand beside one another: keys of a map, variables of a module, names and values of a list. */
function scopes(document: Document.Parsed): Named[][] {
  const variables = resolvePath(document, parsePath('variable[*].default')).flatMap(({ node, steps }) =>
    named(String(steps[1]), node, steps, false),
  )
  return [
    variables,
    ...[...maps(document)].flatMap(({ map, steps }) => [keysOf(map, steps), ...settingsIn(map, steps)]),
  ]
}

function keysOf(map: YAMLMap, steps: Steps): Named[] {
  return map.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : ''
    return named(name, value, [...steps, name], true)
  })
}

/** Lists such as Helm's `set`, of maps with `name` and `value`. */
function settingsIn(map: YAMLMap, steps: Steps): Named[][] {
  return map.items.flatMap(({ key, value: list }) => {
    if (!isSeq(list)) return []
    const above = [...steps, isScalar(key) ? String(key.value) : '']
    const items =
      list instanceof Blocks ? list.entries() : list.items.map((node, index) => ({ node, steps: [index] }))
    return [
      items.flatMap(({ node, steps: own }) => {
        const name = isMap(node) ? pairOf(node, 'name')?.value : undefined
        if (!isMap(node) || !isScalar(name) || typeof name.value !== 'string') return []
        return named(name.value, pairOf(node, 'value')?.value, [...above, ...own, 'value'], false)
      }),
    ]
  })
}

function named(name: string, node: unknown, steps: Steps, isKey: boolean): Named[] {
  return isScalar(node) ? [{ name, node, steps, isKey }] : []
}

/** A whole reference whose name ends in `image`, or says what of an image it is. */
function reference(
  { name, node, steps, isKey }: Named,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  const known = knownName(update)
  const text = filled(node, document)
  const isImage =
    /image(?:[-_.]?(?:name|ref|reference|uri|url))?$/i.test(name) && !(isKey && name === 'image')
  if (!isImage || text === undefined || known === undefined || normalName(text) !== known) return []
  const old = splitReference(text)
  if (old.tag === undefined && old.digest === undefined) return []
  const value = { kind: 'string', text: joinReference(rewritten(old, update)) } as const
  return [{ steps, wishes: [{ kind: 'set', steps, node, value }], nodes: [node], notices: [] }]
}

/** `X.repository` or `X_repository` with its tag, or `X_image` with `X_image_tag`. */
function tuple(
  { name, isKey }: Named,
  beside: ReadonlyMap<string, Named>,
  manifest: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  const own = /(?:^|[-_.])(?:repository|image)$/.exec(name)?.[0].replace(/^[-_.]/, '')
  if (own === undefined || (isKey && name === 'repository')) return []
  const prefix = own === 'image' ? `${name}_` : name.slice(0, -own.length)
  const map = new YAMLMap()
  const places = new Map<unknown, Steps>()
  for (const role of [own, 'registry', 'tag', 'digest', 'sha']) {
    const part = beside.get(role === own ? name : prefix + role)
    if (part === undefined) continue
    map.items.push(new Pair(new Scalar(role), part.node))
    places.set(part.node, part.steps)
  }
  const steps = beside.get(`${prefix}tag`)?.steps ?? []
  return locateTuple(manifest, document, { map, steps }, update).map(spot => ({
    ...spot,
    wishes: spot.wishes.map(wish =>
      wish.kind === 'set' ? { ...wish, steps: places.get(wish.node) ?? steps } : wish,
    ),
  }))
}
