// An image in several values: how its repository, tag and digest are written together, so that they always agree.
import { isAlias, isScalar, type Alias, type Scalar } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { parseReference } from '@gitops-relay/oci/reference'
import { offsetOf, type Manifest, type Steps } from '../manifest.ts'
import { formatPath } from '../path.ts'
import type { Spot, Wish } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { nameAfter, normalName } from './identity.ts'

/** One value of a tuple; an empty text where nothing stands. */
export interface Part {
  /** As sentences name it. */
  key: string
  steps: Steps
  node: Scalar | Alias
  text: string
}

export interface Tuple {
  steps: Steps
  registry?: Part | undefined
  repository?: Part | undefined
  tag?: Part | undefined
  digest?: Part | undefined
}

interface Written {
  texts: readonly (readonly [Part | undefined, string])[]
  notices?: string[]
  problem?: UserError
}

/** Problems: `digest-needed`, `tag-needed`, `digest-not-held`. */
export function tupleSpot({ file, lineOf }: Manifest, tuple: Tuple, update: ImageUpdate): Spot {
  const { registry, repository, tag, digest, steps } = tuple
  const parts = [registry, repository, tag, digest].filter(part => part !== undefined)
  const first = (tag ?? digest ?? repository)?.node
  const where = `${file}:${first ? lineOf(offsetOf(first)) : 1} (${formatPath(steps) || 'top level'})`
  const { texts, notices = [], problem } = versions(tuple, update, where)
  const wishes = [...names(tuple, update), ...texts].flatMap(([part, text]): Wish[] =>
    part ? [{ kind: 'set', steps: part.steps, node: part.node, value: { kind: 'string', text } }] : [],
  )
  return { steps, wishes, nodes: parts.map(({ node }) => node), notices, ...(problem && { problem }) }
}

function versions(tuple: Tuple, { tag, digest }: ImageUpdate, where: string): Written {
  const old = tuple.digest
  if (tuple.tag === undefined) {
    if (old === undefined) return { texts: [] }
    if (digest !== undefined) return { texts: [[old, inFormOf(old, digest)]] }
    return refusal(
      'digest-needed',
      `${where} names its image by a digest, and "image" has a tag only.`,
      'digest',
    )
  }
  if (tag === undefined) {
    return refusal('tag-needed', `${where} names its image by a tag, and "image" has a digest only.`, 'tag')
  }
  if (old !== undefined && (digest !== undefined || old.text === '')) {
    return {
      texts: [[tuple.tag, tag], ...(digest === undefined ? [] : [[old, inFormOf(old, digest)] as const])],
    }
  }
  if (old !== undefined) {
    return refusal(
      'digest-needed',
      `${where} has "${old.key}", which would go on choosing the old image.`,
      'digest',
    )
  }
  const isJoined = tuple.tag.text.includes('@')
  const texts = [[tuple.tag, isJoined && digest !== undefined ? `${tag}@${digest}` : tag]] as const
  if (digest === undefined || isJoined) return { texts }
  if (tuple.tag.text === tag) {
    const sentence = `${where} has the tag ${tag} already and no key for the digest, so nothing would be deployed.`
    const remedy = `Add "${digestKey(tuple.tag.key)}" beside "${tuple.tag.key}" where the chart knows it, or give each build its own tag.`
    return { texts: [], problem: new UserError('digest-not-held', sentence, remedy) }
  }
  return { texts, notices: [`${where} has no key for the digest: only the tag is written.`] }
}

/** `image.digest` for `image.tag`, `imageDigest` for `imageTag`. */
function digestKey(tag: string): string {
  const [word] = /(?:tag|version)$/i.exec(tag) ?? []
  if (word === undefined) return 'digest'
  const spelled = word === word.toUpperCase() ? 'DIGEST' : /^[A-Z]/.test(word) ? 'Digest' : 'digest'
  return tag.slice(0, -word.length) + spelled
}

function refusal(code: string, sentence: string, missing: string): Written {
  const remedy = `Give "${missing}" too, or pass push-image.ref as "image".`
  return { texts: [], problem: new UserError(code, sentence, remedy) }
}

/** With `match` or `policy` the repository is written, too. */
function names({ registry, repository }: Tuple, update: ImageUpdate): Written['texts'] {
  if (repository === undefined || (update.match ?? update.policy) === undefined) return []
  if (registry === undefined || registry.text === '')
    return [[repository, nameAfter(repository.text, update)]]
  if (normalName(`${registry.text}/${repository.text}`) === normalName(update.repository)) return []
  const wanted = parseReference(update.repository)
  return [
    [registry, wanted.registry],
    [repository, wanted.repository],
  ]
}

/** `sha` holds the digest without its algorithm. */
function inFormOf({ key, text: old }: Part, digest: string): string {
  const isBare = old === '' ? /sha$/i.test(key) : !old.includes(':')
  return isBare ? digest.slice(digest.indexOf(':') + 1) : digest
}

/** A value that may be a part. */
export function isPartNode(node: unknown): node is Scalar | Alias {
  return isScalar(node) || isAlias(node)
}
