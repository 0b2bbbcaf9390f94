// Values that hold an image under keys beside one another: `repository` and `tag`, with any prefix, and with `registry`, `digest` or `sha`.
import { isScalar, type Document, type YAMLMap } from 'yaml'
import { filled, type Manifest } from '../manifest.ts'
import { mapsNaming, type Place } from '../places.ts'
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
    if ((tag ?? digest) === undefined || splitReference(repository.text).tag !== undefined) return []
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

/** A digest beside the value of this key, which would go on choosing the image. The hash of a commit is none. */
export function digestBeside(map: YAMLMap, key: string, document: Document.Parsed): unknown {
  return [...besides(key, ['digest', 'sha']), 'digest', 'sha']
    .map(name => pairOf(map, name)?.value)
    .find(node => !/^(?:[\da-f]{7,40})?$/i.test(filled(node, document) ?? ''))
}

/** `web_image_tag` and `web_tag` beside `web_image`, `image.tag` beside `image.repository`, `imageTag`, `image_tag` and `tag` beside `image`. */
function besides(key: string, alternatives: readonly string[]): string[] {
  const stem = key.replace(/(?:repository|repo|image|name|tag|version)$/i, '')
  return alternatives.flatMap(word => [...joined(key, word, key), ...joined(stem, word, key)])
}

function joined(stem: string, word: string, like: string): string[] {
  const spelled = like === like.toUpperCase() ? word.toUpperCase() : word
  if (stem === '' || /[-_.:]$/.test(stem)) return [stem + spelled]
  const [separator] = /[-_]/.exec(like) ?? []
  if (separator !== undefined) return [stem + separator + spelled]
  return [
    `${stem}${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
    `${stem}_${spelled}`,
    `${stem}-${spelled}`,
  ]
}
