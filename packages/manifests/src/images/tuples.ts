// Helm values that hold an image in several keys: `repository` and `tag`, with `registry`, `digest` or `sha` where they are there.
import { isAlias, isScalar, type Document, type YAMLMap } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { parseReference } from '@gitops-relay/oci/reference'
import { filled, offsetOf, type Manifest, type Steps } from '../manifest.ts'
import { formatPath } from '../path.ts'
import { mapsNaming } from '../places.ts'
import { pairOf, type Spot, type Wish } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { knownName, nameAfter, normalName, splitReference } from './identity.ts'

/** Which keys of a map make the tuple, and what they hold as text; a key that is there and empty holds ''. */
interface Tuple {
  map: YAMLMap
  steps: Steps
  where: string
  keys: { registry?: string; repository: string; tag: string; digest?: string }
  registry: string
  repository: string
  tag: string
  /** `undefined`: there is no such key. */
  digest: string | undefined
}

/** Problems: `digest-needed`, `tag-needed`, `digest-not-held`. */
export function locateTuples(manifest: Manifest, document: Document.Parsed, update: ImageUpdate): Spot[] {
  const places = mapsNaming(document, update.match ?? update.repository)
  return places.flatMap(place => locateTuple(manifest, document, place, update))
}

/** The tuple that the keys of this one map make, if it names the image. */
export function locateTuple(
  manifest: Manifest,
  document: Document.Parsed,
  { map, steps }: { map: YAMLMap; steps: Steps },
  update: ImageUpdate,
): Spot[] {
  const known = knownName(update)
  const tuple = tupleOf(manifest, document, map, steps)
  if (tuple === undefined || known === undefined) return []
  const whole = [tuple.registry, tuple.repository].filter(Boolean).join('/')
  const candidates = update.match === undefined ? [whole] : [whole, tuple.repository]
  if (!candidates.some(name => normalName(name) === known)) return []
  const { texts = {}, notices = [], problem } = write(tuple, update)
  const wishes = Object.entries(texts).flatMap(([key, text]): Wish[] => {
    const node = pairOf(map, key)?.value
    if (!isScalar(node) && !isAlias(node)) return []
    return [{ kind: 'set', steps: [...steps, key], node, value: { kind: 'string', text } }]
  })
  const nodes = Object.values(tuple.keys).map(key => pairOf(map, key)?.value)
  return [{ steps, wishes, nodes, notices, ...(problem && { problem }) }]
}

function tupleOf(
  { file, lineOf }: Manifest,
  document: Document.Parsed,
  map: YAMLMap,
  steps: Steps,
): Tuple | undefined {
  const value = (key: string | undefined) => (key && filled(pairOf(map, key)?.value, document)) ?? ''
  const has = (key: string) => {
    const node = pairOf(map, key)?.value
    return isScalar(node) || isAlias(node)
  }
  const tag = ['tag', 'imageTag'].find(has)
  const repository = ['repository', 'image'].find(has)
  if (tag === undefined || repository === undefined) return undefined
  // `image: repo:1` beside a foreign `tag` is a reference in one string.
  if (repository === 'image' && splitReference(value('image')).tag !== undefined) return undefined
  const [registry, digest] = [['registry'].find(has), ['digest', 'sha'].find(has)]
  const node = pairOf(map, tag)?.value
  const line = isScalar(node) || isAlias(node) ? lineOf(offsetOf(node)) : 1
  return {
    map,
    steps,
    where: `${file}:${line} (${formatPath(steps) || 'top level'})`,
    keys: { repository, tag, ...(registry ? { registry } : {}), ...(digest ? { digest } : {}) },
    registry: value(registry),
    repository: value(repository),
    tag: value(tag),
    digest: digest === undefined ? undefined : value(digest),
  }
}

interface Written {
  texts?: Record<string, string>
  notices?: string[]
  problem?: UserError
}

function write(tuple: Tuple, update: ImageUpdate): Written {
  const { keys, where } = tuple
  const { tag, digest } = update
  const texts = { ...names(tuple, update) }
  if (tag === undefined) {
    const sentence = `${where} names its image by a tag, and "image" has a digest only.`
    const remedy = 'Give "tag" too, or pass push-image.ref as "image".'
    return { problem: new UserError('tag-needed', sentence, remedy) }
  }
  if (keys.digest !== undefined && (digest !== undefined || tuple.digest === '')) {
    texts[keys.tag] = tag
    if (digest !== undefined) texts[keys.digest] = inFormOf(tuple, digest)
    return { texts }
  }
  if (keys.digest !== undefined) {
    const sentence = `${where} has "${keys.digest}", which would go on choosing the old image.`
    const remedy = 'Give "digest" too, or pass push-image.ref as "image".'
    return { problem: new UserError('digest-needed', sentence, remedy) }
  }
  const isJoined = tuple.tag.includes('@')
  texts[keys.tag] = isJoined && digest !== undefined ? `${tag}@${digest}` : tag
  if (digest === undefined || isJoined) return { texts }
  if (tuple.tag === tag) {
    const sentence = `${where} has the tag ${tag} already and no key for the digest, so nothing would be deployed.`
    const remedy = `Add "digest:" beside "${keys.tag}" where the chart knows it, or give each build its own tag.`
    return { problem: new UserError('digest-not-held', sentence, remedy) }
  }
  return { texts, notices: [`${where} has no key for the digest: only the tag is written.`] }
}

/** With `match` the repository is written, too. */
function names({ keys, registry, repository }: Tuple, update: ImageUpdate): Record<string, string> {
  if (update.match === undefined) return {}
  if (keys.registry === undefined || registry === '')
    return { [keys.repository]: nameAfter(repository, update) }
  if (normalName(`${registry}/${repository}`) === normalName(update.repository)) return {}
  const wanted = parseReference(update.repository)
  return { [keys.registry]: wanted.registry, [keys.repository]: wanted.repository }
}

/** `sha` holds the digest without its algorithm. */
function inFormOf({ keys, digest: old = '' }: Tuple, digest: string): string {
  const isBare = old === '' ? keys.digest === 'sha' : !old.includes(':')
  return isBare ? digest.slice(digest.indexOf(':') + 1) : digest
}
