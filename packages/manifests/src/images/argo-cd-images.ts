// Argo CD's `kustomize.images`, also in its `.argocd-source` files: strings `[old=]name[:tag][@digest]`.
import { isScalar, type Document } from 'yaml'
import { filled, type Manifest } from '../manifest.ts'
import { lists } from '../places.ts'
import type { Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { joinReference, knownName, normalName, rewritten, splitReference } from './identity.ts'

/** Entries whose old name, or else whose new one, is the image. */
export function locateArgoCdImages(_: Manifest, document: Document.Parsed, update: ImageUpdate): Spot[] {
  const known = knownName(update)
  return lists(document).flatMap(({ list, steps }) => {
    if (steps.at(-1) !== 'images' || steps.at(-2) !== 'kustomize' || known === undefined) return []
    const entries = list.items.flatMap((node, index) => {
      const text = isScalar(node) ? filled(node, document) : undefined
      return isScalar(node) && text !== undefined
        ? [{ node, steps: [...steps, index], ...entryOf(text) }]
        : []
    })
    const byName = entries.filter(({ old, image }) => normalName(old ?? image.name) === known)
    const chosen =
      byName.length > 0 ? byName : entries.filter(({ image }) => normalName(image.name) === known)
    return chosen.map(({ node, steps: place, old, image }) => {
      // Without `match` the entry's own renaming stays: the same image from a mirror.
      const isKept = image.name === '*' || (old !== undefined && update.match === undefined)
      const next = { ...rewritten(image, update), ...(isKept && { name: image.name }) }
      const isRenamed = old === undefined && next.name !== image.name
      const prefix = isRenamed ? `${image.name}=` : old === undefined ? '' : `${old}=`
      const value = { kind: 'string', text: prefix + joinReference(next) } as const
      return {
        steps: place,
        wishes: [{ kind: 'set', steps: place, node, value }],
        nodes: [node],
        notices: [],
      }
    })
  })
}

function entryOf(text: string) {
  const equals = text.indexOf('=')
  return {
    old: equals < 0 ? undefined : text.slice(0, equals),
    image: splitReference(text.slice(equals + 1)),
  }
}
