// Strings that hold a manifest of their own: which ones, and how an edit of it becomes an edit of the string.
import { isScalar, type Document, type Scalar } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { mayConcern } from './locate.ts'
import { parseManifest, type Manifest, type Steps } from './manifest.ts'
import { formatPath, parsePath, resolvePath } from './path.ts'
import { lists, maps } from './places.ts'
import { selectsDocument } from './document-selector.ts'
import type { Update } from './types.ts'

export interface Inside {
  document: number
  steps: Steps
  node: Scalar<string>
  format: 'yaml' | 'json'
  manifest: Manifest
  /** In the order of those outside; `undefined` for one that does not mean this string. */
  updates: (Update | undefined)[]
}

type Found = Pick<Inside, 'document' | 'steps' | 'node' | 'format'> & { isSure: boolean }

/** More strings within strings than anybody writes. */
const deepest = 4

/**
 * @param spend is told of each string before it is read, and may throw
 * @throws UserError `not-a-value`, and those of a text that a path goes into and that cannot be read
 */
export function insidesOf(
  manifest: Manifest,
  updates: readonly (Update | undefined)[],
  spend: (strings: number) => void,
): Inside[] {
  const insides = new Map<Scalar, Inside>()
  for (const [index, update] of updates.entries()) {
    const found = update === undefined || manifest.level >= deepest ? [] : find(manifest, update)
    for (const { found: place, update: inner } of found) {
      if (!insides.has(place.node)) spend(1)
      const inside = insides.get(place.node) ?? read(manifest, place, updates.length)
      if (inside === undefined) continue
      insides.set(place.node, inside)
      inside.updates[index] = inner
    }
  }
  return [...insides.values()]
}

function read(manifest: Manifest, { isSure, ...found }: Found, count: number): Inside | undefined {
  const { steps, node, format } = found
  const name = `${manifest.file}:${manifest.lineOf(node.range?.[0] ?? 0)} ${formatPath(steps)}|${format}`
  try {
    const inner = parseManifest(name, node.value, format, manifest.level + 1)
    return { ...found, manifest: inner, updates: Array.from({ length: count }) }
  } catch (error) {
    if (isSure || !(error instanceof UserError)) throw error
    return undefined
  }
}

function find(manifest: Manifest, update: Update): { found: Found; update: Update }[] {
  const isSelected = selectsDocument(update.document)
  // The selector has chosen the document outside already.
  const { document: _, ...anywhere } = update
  return manifest.documents.flatMap((document, index): { found: Found; update: Update }[] => {
    if (!isSelected(document, index)) return []
    if (update.kind === 'image') {
      return knownTexts(document)
        .filter(({ node }) => mayConcern(node.value, update))
        .map(known => ({ found: { document: index, isSure: false, ...known }, update: anywhere }))
    }
    const segments = parsePath(update.path)
    const last = segments.at(-1)
    if (last?.kind !== 'inside') return []
    return resolvePath(document, segments.slice(0, -1)).map(({ steps, node }) => {
      if (!isText(node)) {
        const where = `${manifest.file}: ${formatPath(steps)}`
        throw new UserError('not-a-value', `${where} is no string.`, 'Write the path of a string before "|".')
      }
      const found = { document: index, steps, node, format: last.format, isSure: true }
      return { found, update: { kind: 'value', path: last.path, value: update.value } }
    })
  })
}

function isText(node: unknown): node is Scalar<string> {
  return isScalar(node) && typeof node.value === 'string'
}

type Text = Pick<Found, 'steps' | 'node' | 'format'>
const textsOf = new WeakMap<Document.Parsed, Text[]>()

/** Keys whose strings are YAML: Argo CD's Helm values and templates, kustomize's patches, Helm charts of k3s, annotations of charts, files in a ConfigMap. */
const yamlKeys =
  /^(?:values|elementsYaml|templatePatch|valuesContent|patch|artifacthub\.io\/images|.*\.(?:ya?ml|json))$/

function knownTexts(document: Document.Parsed): Text[] {
  let texts = textsOf.get(document)
  if (texts === undefined) {
    texts = [
      ...maps(document).flatMap(({ map, steps }) =>
        map.items.flatMap(({ key, value }) => {
          const name = isScalar(key) ? String(key.value) : ''
          return yamlKeys.test(name) && isText(value) ? [text([...steps, name], value)] : []
        }),
      ),
      ...lists(document).flatMap(({ list, steps }) =>
        steps.at(-1) === 'patchesStrategicMerge'
          ? list.items.flatMap((item, index) => (isText(item) ? [text([...steps, index], item)] : []))
          : [],
      ),
    ]
    textsOf.set(document, texts)
  }
  return texts
}

function text(steps: Steps, node: Scalar<string>): Text {
  return { steps, node, format: String(steps.at(-1)).endsWith('.json') ? 'json' : 'yaml' }
}
