// Values that a comment calls an image: Flux's `$imagepolicy` on the line, `# gitops-relay: image=…` and `# renovate: …` there or above.
import type { Document } from 'yaml'
import { filled, isAbove, offsetOf, type Comment, type Manifest } from '../manifest.ts'
import { scalars, type ScalarPlace } from '../places.ts'
import type { Spot } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { digestBeside } from './helm-values.ts'
import { joinReference, knownName, normalName, rewritten, splitReference } from './identity.ts'
import { tupleSpot, type Part } from './tuples.ts'

type Role = 'image' | 'name' | 'tag' | 'digest'

interface Mark {
  place: ScalarPlace
  text: string
  role: Role
  /** Flux's policy, or the image that the comment names. */
  policy?: string
  image?: string
}

export function locateMarked(manifest: Manifest, document: Document.Parsed, update: ImageUpdate): Spot[] {
  const marks = manifest.comments.flatMap(comment => markOf(manifest, document, comment) ?? [])
  const meant = marks.filter(isMeant(marks, update))
  const parts = meant.filter(({ role }) => role !== 'image')
  const parents = new Set(parts.map(({ place }) => place.parent))
  return [
    ...meant.filter(({ role }) => role === 'image').map(mark => reference(mark, update)),
    ...[...parents].map(parent => {
      const own = parts.filter(({ place }) => place.parent === parent)
      const [repository, tag, digest] = (['name', 'tag', 'digest'] as const).map(role => partOf(own, role))
      const unmarked = digest === undefined && tag && parent && digestBeside(parent, tag.key, document)
      const beside = unmarked ? [unmarked] : []
      const steps = own[0]?.place.steps.slice(0, -1) ?? []
      return { ...tupleSpot(manifest, { steps, repository, tag, digest }, update), beside }
    }),
  ]
}

function partOf(marks: readonly Mark[], wanted: Role): Part | undefined {
  const mark = marks.find(({ role }) => role === wanted)
  return (
    mark && {
      key: String(mark.place.steps.at(-1)),
      steps: mark.place.steps,
      node: mark.place.node,
      text: mark.text,
    }
  )
}

function reference({ place: { node, steps }, text }: Mark, update: ImageUpdate): Spot {
  const value = { kind: 'string', text: joinReference(rewritten(splitReference(text), update)) } as const
  return { steps, wishes: [{ kind: 'set', steps, node, value }], nodes: [node], notices: [] }
}

/** Without a policy the name tells: that in the comment, in the value itself, or in another value of the same policy. */
function isMeant(marks: readonly Mark[], update: ImageUpdate): (mark: Mark) => boolean {
  if (update.policy !== undefined) return ({ policy }) => policy === update.policy
  const known = knownName(update)
  if (known === undefined) return () => false
  const names = ({ role, text }: Mark) => (role === 'image' || role === 'name') && normalName(text) === known
  const policies = new Set(marks.filter(names).map(({ policy }) => policy))
  return mark => {
    if (mark.image !== undefined) return normalName(mark.image) === known
    return names(mark) || (mark.role !== 'image' && mark.role !== 'name' && policies.has(mark.policy))
  }
}

const imagePolicy = /^#.*?\{\s*"\$imagepolicy"\s*:\s*"([^":]+:[^":]+)(?::(tag|name|digest))?"\s*\}/
const named = [
  /(?:^|\s)#+\s*gitops-relay:\s*image=(\S+)/,
  /(?:^|\s)#+\s*renovate:.*?\spackageName=(\S+)/,
  /(?:^|\s)#+\s*renovate:.*?\s(?:image|depName)=(\S+)/,
]

function markOf(manifest: Manifest, document: Document.Parsed, comment: Comment): Mark | undefined {
  const [, policy, part] = imagePolicy.exec(comment.text) ?? []
  const image = named.map(pattern => pattern.exec(comment.text)?.[1]).find(Boolean)
  if (policy === undefined && image === undefined) return undefined
  const place = commented(manifest, document, comment, image !== undefined && comment.alone)
  const text = place && filled(place.node, document)
  if (place === undefined) return undefined
  if (policy !== undefined) return { place, text: text ?? '', policy, role: isRole(part) ? part : 'image' }
  return { place, text: text ?? '', image: image ?? '', role: roleOf(text ?? '', image ?? '') }
}

function isRole(text: string | undefined): text is Role {
  return text === 'tag' || text === 'name' || text === 'digest'
}

/** The last value that begins on the comment's line, or the first below that and further comments. */
function commented(
  manifest: Manifest,
  document: Document.Parsed,
  { offset, line }: Comment,
  isBelow: boolean,
): ScalarPlace | undefined {
  const places = scalars(document)
  let [low, high] = [0, places.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (offsetOf(places[middle]?.node) < offset) low = middle + 1
    else high = middle
  }
  const place = places[isBelow ? low : low - 1]
  if (place === undefined) return undefined
  const own = manifest.lineOf(offsetOf(place.node))
  return own === line || (isBelow && isAbove(manifest, line, own)) ? place : undefined
}

function roleOf(text: string, image: string): Role {
  if (/^(?:sha256:)?[\da-f]{64}$/.test(text)) return 'digest'
  return text !== '' && normalName(text) === normalName(image) ? 'image' : 'tag'
}
