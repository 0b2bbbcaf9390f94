// Which spots of a manifest an update means, and what it wishes of them.
import { isAlias, isMap, isScalar, isSeq, type Document } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { selectsDocument } from './document-selector.ts'
import { locateReferences } from './images/references.ts'
import { locateKustomizeEntries } from './images/kustomize.ts'
import { locateArgoCdImages } from './images/argo-cd-images.ts'
import { digestBeside, locateTuples } from './images/helm-values.ts'
import { locateMarked } from './images/markers.ts'
import { locateNamedImages, namedValue } from './images/named.ts'
import type { Manifest } from './manifest.ts'
import { lastWord } from './places.ts'
import { formatPath, parsePath, resolvePath, type Segment } from './path.ts'
import type { Spot } from './spot.ts'
import type { ImageUpdate, Update, ValueUpdate } from './types.ts'

export interface Located extends Spot {
  document: number
}

/** A text without the image's last word cannot hold a place of it, so it need not be read at all. */
export function mayConcern(text: string, update: Update): boolean {
  if (update.kind === 'value') return true
  return text.includes(update.policy ?? lastWord(update.match ?? update.repository))
}

/** @throws UserError of the path, the selector, and of the shapes that cannot hold what is wanted */
export function locate(manifest: Manifest, update: Update): Located[] {
  const isSelected = selectsDocument(update.document)
  return manifest.documents.flatMap((document, index) => {
    if (!isSelected(document, index)) return []
    const spots =
      update.kind === 'value'
        ? locateValues(manifest, document, update)
        : locateImages(manifest, document, update)
    return spots.map(spot => ({ ...spot, document: index }))
  })
}

type Shape = (manifest: Manifest, document: Document.Parsed, update: ImageUpdate) => Spot[]

/** In order of preference where two of them see the same values. */
const imageShapes: readonly Shape[] = [
  locateKustomizeEntries,
  locateReferences,
  locateTuples,
  locateNamedImages,
  locateArgoCdImages,
  locateMarked,
]

/** With a policy only its markers count. */
function locateImages(manifest: Manifest, document: Document.Parsed, update: ImageUpdate): Spot[] {
  const shapes = update.policy === undefined ? imageShapes : [locateMarked]
  const seen = new Set<unknown>()
  return shapes
    .flatMap(shape => shape(manifest, document, update))
    .filter(({ nodes, wishes }) => {
      const isNew = wishes.length === 0 || !nodes.some(node => node && seen.has(node))
      for (const node of nodes) seen.add(node)
      return isNew
    })
}

function locateValues(manifest: Manifest, document: Document.Parsed, { path, value }: ValueUpdate): Spot[] {
  const segments = parsePath(path)
  if (segments.at(-1)?.kind === 'inside') return []
  return sites(manifest, document, segments).map(({ steps, node, parent }) => {
    if (!isScalar(node) && !isAlias(node)) {
      const kind = isMap(node) ? 'a map' : isSeq(node) ? 'a list' : 'nothing that has a place in the text'
      const where = `${manifest.file}: ${formatPath(steps)}`
      throw new UserError('not-a-value', `${where} is ${kind}.`, 'Write the path of a single value.')
    }
    const { map, key } = namedValue(manifest, document, node) ?? { map: parent, key: String(steps.at(-1)) }
    const digest = /(?:tag|version|image)$/i.test(key) && isMap(map) && digestBeside(map, key, document)
    const beside = digest ? [digest] : []
    return { steps, wishes: [{ kind: 'set', steps, node, value }], nodes: [node], notices: [], beside }
  })
}

/** In a text of which only the lines can be told, the last key has to be on a single one. */
function sites({ file, isLoose = false }: Manifest, document: Document.Parsed, segments: readonly Segment[]) {
  const found = resolvePath(document, isLoose ? segments.slice(-1) : segments)
  if (!isLoose || found.length < 2) return found
  const sentence = `${file} can only be read line by line, and ${formatPath(found[0]?.steps ?? [])} is on ${found.length} of them.`
  throw new UserError(
    'not-unique',
    sentence,
    'Put a comment "# gitops-relay: image=…" above the line that is meant.',
  )
}
