// References in one string: `image:` of containers in any Kubernetes object, image volumes, and `image: repo:tag` of Helm values.
import { isAlias, isScalar } from 'yaml'
import { filled, type Manifest, type Steps } from '../manifest.ts'
import { mapsNaming } from '../places.ts'
import { pairOf, type Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { joinReference, knownName, normalName, rewritten, splitReference } from './identity.ts'

const containerLists = new Set<unknown>(['containers', 'initContainers', 'ephemeralContainers'])

/** Places of `image:` strings that name the image. Outside of containers only with a tag or digest, and not in a Kubernetes object's own fields. */
export function locateReferences(
  { documents, isLoose = false }: Manifest,
  document: (typeof documents)[number],
  update: ImageUpdate,
): Spot[] {
  const known = knownName(update)
  if (known === undefined) return []
  const isKubernetes = !isLoose && document.has('apiVersion') && document.has('kind')
  return mapsNaming(document, known).flatMap(({ map, steps }) => {
    const key = isImageVolume(steps) ? 'reference' : 'image'
    const node = pairOf(map, key)?.value
    const text = filled(node, document)
    if (text === undefined || !(isScalar(node) || isAlias(node))) return []
    const old = splitReference(text)
    if (normalName(text) !== known) return []
    const isOwnField = isKubernetes && !steps.some(step => step === 'values' || step === 'valuesObject')
    const isReference = old.tag !== undefined || old.digest !== undefined
    if (!isContainer(steps) && !isImageVolume(steps) && (isOwnField || !isReference)) return []
    const value = { kind: 'string', text: joinReference(rewritten(old, update)) } as const
    const place = [...steps, key]
    return [
      { steps: place, wishes: [{ kind: 'set', steps: place, node, value }], nodes: [node], notices: [] },
    ]
  })
}

function isContainer(steps: Steps): boolean {
  return containerLists.has(steps.at(-2)) && typeof steps.at(-1) === 'number'
}

function isImageVolume(steps: Steps): boolean {
  return steps.at(-3) === 'volumes' && steps.at(-1) === 'image'
}
