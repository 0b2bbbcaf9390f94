// References in one string: `image:` of containers in any Kubernetes object, image volumes, JSON patches, and `image: repo:tag` of all else.
import { isScalar, type Document, type YAMLMap } from 'yaml'
import { filled, type Manifest, type Steps } from '../manifest.ts'
import { kindOf, mapsNaming, type Place } from '../places.ts'
import type { Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { digestBeside } from './helm-values.ts'
import { joinReference, knownName, normalName, rewritten, splitReference } from './identity.ts'
import { isPartNode } from './tuples.ts'

const containerLists = new Set<unknown>(['containers', 'initContainers', 'ephemeralContainers'])

/** Outside of containers and patches only with a tag or digest, and not in a Kubernetes object's own fields. */
export function locateReferences(
  { isLoose = false }: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  const known = knownName(update)
  if (known === undefined) return []
  const isKubernetes = !isLoose && kindOf(document).isKubernetes
  return mapsNaming(document, known).flatMap(place => {
    const { map, steps } = place
    const isFree = !isKubernetes || steps.some(step => isValues(step))
    return map.items.flatMap(({ key, value: node }) => {
      const name = isScalar(key) ? String(key.value) : ''
      const isSure = isImage(name, place)
      if (!isSure && !(isFree && isImageKey(name, steps))) return []
      const at = [...steps, name]
      return referenceSpots(document, update, { map, key: name, node, steps: at, isSure })
    })
  })
}

/** A value that may be a reference; one that is not sure to be an image needs a tag or digest. */
interface Candidate {
  map: YAMLMap
  key: string
  node: unknown
  steps: Steps
  isSure: boolean
}

/** The spot of this value, if it names the image. */
export function referenceSpots(
  document: Document.Parsed,
  update: ImageUpdate,
  { map, key, node, steps, isSure }: Candidate,
): Spot[] {
  const known = knownName(update)
  const text = filled(node, document)
  if (known === undefined || text === undefined || !isPartNode(node) || normalName(text) !== known) return []
  const old = splitReference(text)
  if (!isSure && old.tag === undefined && old.digest === undefined) return []
  const value = { kind: 'string', text: joinReference(rewritten(old, update)) } as const
  const digest = digestBeside(map, key, document)
  const beside = digest === undefined ? [] : [digest]
  return [{ steps, wishes: [{ kind: 'set', steps, node, value }], nodes: [node], notices: [], beside }]
}

/** Is this key an image for Kubernetes, whether it has a tag or not? */
function isImage(name: string, { map, steps }: Place): boolean {
  if (name === 'image') return isContainer(steps)
  if (name === 'reference') return steps.at(-3) === 'volumes' && steps.at(-1) === 'image'
  // A JSON patch of a container.
  const path = name === 'value' && isScalar(map.get('op', true)) ? map.get('path') : undefined
  return (
    typeof path === 'string' &&
    /\/(?:containers|initContainers|ephemeralContainers)\/[^/]+\/image$/.test(path)
  )
}

/** `image`, `webImage`, `app_image`, `imageRef`; CloudFormation's default of a parameter that is called so. */
function isImageKey(name: string, steps: Steps): boolean {
  return imageKey.test(name) || (name === 'Default' && imageKey.test(String(steps.at(-1))))
}

export const imageKey = /image(?:[-_.]?(?:name|ref|reference|uri|url))?$/i

function isValues(step: string | number): boolean {
  return step === 'values' || step === 'valuesObject' || step === 'elements'
}

function isContainer(steps: Steps): boolean {
  return containerLists.has(steps.at(-2)) && typeof steps.at(-1) === 'number'
}
