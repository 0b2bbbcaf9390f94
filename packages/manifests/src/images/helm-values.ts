// Values that hold an image under keys beside one another: `repository` and `tag`, with any prefix, and with `registry`, `digest` or `sha`.
import { isMap, isScalar, Pair, Scalar, YAMLMap, type Document } from 'yaml'
import { filled, type Manifest, type Steps } from '../manifest.ts'
import { lists, mapsNaming, type Place } from '../places.ts'
import { pairOf, type Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { knownName, normalName, splitReference } from './identity.ts'
import { isPartNode, tupleSpot, type Part } from './tuples.ts'

export function locateTuples(manifest: Manifest, document: Document.Parsed, update: ImageUpdate): Spot[] {
  const places = mapsNaming(document, update.match ?? update.repository)
  return places.flatMap(place => locateTuple(manifest, document, place, update))
}

/** The tuples that the keys of this one map make, if they name the image. */
export function locateTuple(
  manifest: Manifest,
  document: Document.Parsed,
  { map, steps }: Place,
  update: ImageUpdate,
): Spot[] {
  const known = knownName(update)
  const part = (key: string): Part | undefined => {
    const node = pairOf(map, key)?.value
    return isPartNode(node)
      ? { key, steps: [...steps, key], node, text: filled(node, document) ?? '' }
      : undefined
  }
  return map.items.flatMap(({ key }) => {
    const repository =
      isScalar(key) && typeof key.value === 'string' && namesRepository.test(key.value)
        ? part(key.value)
        : undefined
    if (known === undefined || repository === undefined) return []
    const [registry, tag, digest] = words.map(word => besides(repository.key, word).map(part).find(Boolean))
    // `image: repo:1` beside a foreign `tag` is a reference in one string.
    if (tag === undefined || splitReference(repository.text).tag !== undefined) return []
    const whole = [registry?.text, repository.text].filter(Boolean).join('/')
    const candidates = update.match === undefined ? [whole] : [whole, repository.text]
    if (!candidates.some(name => normalName(name) === known)) return []
    return [tupleSpot(manifest, { steps, registry, repository, tag, digest }, update)]
  })
}

const namesRepository = /(?:repository|repo|image|image[-_.]?name)$/i

const words = [
  ['registry', 'hub'],
  ['tag', 'version'],
  ['digest', 'sha'],
]

/** `web_image_tag` and `web_tag` beside `web_image`, `image.tag` beside `image.repository`, `imageTag` and `tag` beside `image`. */
function besides(key: string, alternatives: readonly string[]): string[] {
  const stem = key.replace(/(?:repository|repo|image|name)$/i, '')
  return alternatives.flatMap(word => [joined(key, word, key), joined(stem, word, key)])
}

function joined(stem: string, word: string, like: string): string {
  const spelled = like === like.toUpperCase() ? word.toUpperCase() : word
  if (stem === '' || /[-_.:]$/.test(stem)) return stem + spelled
  const [separator] = /[-_]/.exec(like) ?? []
  return separator === undefined
    ? `${stem}${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
    : stem + separator + spelled
}

/** Argo CD's `helm.parameters`: a list of names and values, whose names are keys of the values. */
export function locateHelmParameters(
  manifest: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  return lists(document).flatMap(({ list, steps }) => {
    if (steps.at(-1) !== 'parameters' || steps.at(-2) !== 'helm') return []
    const map = new YAMLMap()
    const places = new Map<unknown, Steps>()
    for (const [index, item] of list.items.entries()) {
      const name = isMap(item) ? filled(pairOf(item, 'name')?.value, document) : undefined
      const value = isMap(item) ? pairOf(item, 'value')?.value : undefined
      if (name === undefined || !isPartNode(value)) continue
      map.items.push(new Pair(new Scalar(name), value))
      places.set(value, [...steps, index, 'value'])
    }
    return locateTuple(manifest, document, { map, steps }, update).map(spot => ({
      ...spot,
      wishes: spot.wishes.map(wish =>
        wish.kind === 'set' ? { ...wish, steps: places.get(wish.node) ?? steps } : wish,
      ),
    }))
  })
}
