// Entries of `images` in a kustomization, a component, Flux's Kustomization, or a post-renderer of its HelmRelease.
import { isAlias, isCollection, isMap, isScalar, type Document, type YAMLMap } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { filled, offsetOf, type Manifest, type Steps } from '../manifest.ts'
import { formatPath } from '../path.ts'
import { kindOf, lists, type Place } from '../places.ts'
import { pairOf, type Spot, type Wish } from '../spot.ts'
import type { ImageUpdate } from '../types.ts'
import { joinReference, knownName, nameAfter, normalName, splitReference } from './identity.ts'

const fields = ['name', 'newName', 'newTag', 'digest'] as const

/** Entries whose `name`, or else whose `newName`, is the image. */
export function locateKustomizeEntries(
  manifest: Manifest,
  document: Document.Parsed,
  update: ImageUpdate,
): Spot[] {
  const known = knownName(update)
  if (known === undefined) return []
  const entries = entriesOf(manifest, document)
  const named = (field: string) =>
    entries.filter(({ map }) => {
      const text = filled(pairOf(map, field)?.value, document)
      return text !== undefined && normalName(text) === known
    })
  const byName = named('name')
  const chosen = byName.length > 0 ? byName : named('newName')
  return chosen.map(({ map, steps }) => {
    const problem = problemOf(manifest, map, steps)
    return {
      steps,
      wishes: wishesFor(map, steps, document, update),
      nodes: fields.map(field => pairOf(map, field)?.value),
      notices: [],
      ...(problem && { problem }),
    }
  })
}

function entriesOf({ file }: Manifest, document: Document.Parsed): Place[] {
  const { kind, group } = kindOf(document)
  const isFlux = kind === 'Kustomization' && group === 'kustomize.toolkit.fluxcd.io'
  const isOwn =
    /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(file) || group === 'kustomize.config.k8s.io'
  const above = isFlux ? 'spec.images' : isOwn ? 'images' : undefined
  return lists(document).flatMap(({ list, steps }) => {
    const isPostRenderer = steps.at(-1) === 'images' && steps.at(-2) === 'kustomize'
    if (!isPostRenderer && (above === undefined || steps.join('.') !== above)) return []
    return list.items.flatMap((map, index) => (isMap(map) ? [{ map, steps: [...steps, index] }] : []))
  })
}

/** A field that is a map or a list can be no part of an image. */
function problemOf({ file, lineOf }: Manifest, map: YAMLMap, steps: Steps): UserError | undefined {
  const pair = fields.map(field => pairOf(map, field)).find(found => isCollection(found?.value))
  if (pair === undefined) return undefined
  const sentence = `${file}:${lineOf(offsetOf(pair.key))} ${formatPath(steps)} has a "${String(pair.key)}" that is no text.`
  return new UserError('not-a-value', sentence, 'Write it as a text, or take the line away.')
}

function wishesFor(map: YAMLMap, steps: Steps, document: Document.Parsed, update: ImageUpdate): Wish[] {
  const written = { newName: newName(map, document, update), ...versionOf(map, document, update) }
  const wishes: Wish[] = []
  let after = pairOf(map, 'name') ?? pairOf(map, 'newName')
  for (const field of ['newName', 'newTag', 'digest'] as const) {
    const pair = pairOf(map, field)
    const text = written[field]
    const place = [...steps, field]
    const node = pair?.value
    if (text === undefined) {
      const pairs =
        field === 'newName' ? [] : map.items.filter(({ key }) => isScalar(key) && key.value === field)
      wishes.push(...pairs.map(stale => ({ kind: 'remove', steps: place, map, pair: stale }) as const))
    } else if (isScalar(node) || isAlias(node)) {
      wishes.push({ kind: 'set', steps: place, node, value: { kind: 'string', text } })
    } else if (after !== undefined && pair === undefined) {
      wishes.push({ kind: 'add', steps: place, map, after, key: field, value: { kind: 'string', text } })
    }
    if (pair !== undefined && text !== undefined) after = pair
  }
  return wishes
}

/** Without `match` the entry's own renaming stays: the same image from a mirror. */
function newName(map: YAMLMap, document: Document.Parsed, update: ImageUpdate): string | undefined {
  const [name, renamed] = ['name', 'newName'].map(field => filled(pairOf(map, field)?.value, document))
  if (update.match === undefined) return renamed
  const effective = renamed ?? name ?? ''
  const wanted = nameAfter(effective, update)
  return renamed === undefined && wanted === effective ? undefined : wanted
}

/** As `kustomize edit set image`: what the image lacks is removed. A tag with a digest in one string keeps that form. */
function versionOf(
  map: YAMLMap,
  document: Document.Parsed,
  { tag, digest }: ImageUpdate,
): { newTag: string | undefined; digest: string | undefined } {
  const old = filled(pairOf(map, 'newTag')?.value, document)
  const isJoined = old !== undefined && splitReference(`x:${old}`).digest !== undefined
  if (!isJoined || tag === undefined || digest === undefined) return { newTag: tag, digest }
  return { newTag: joinReference({ name: '', tag, digest }).slice(1), digest: undefined }
}
