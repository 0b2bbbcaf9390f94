// From what happened to outputs and summary. Pure.
import { escapeMarkdown, inlineCode, table, type Outcome } from '@gitops-relay/action-kit'
import { formatReference, type ImageReference } from '@gitops-relay/oci'
import type { Built } from './engine.ts'

export const outputs = [
  'result',
  'reason',
  'digest',
  'image',
  'ref',
  'tag',
  'version',
  'metadata',
  'tags',
  'platforms',
  'digests',
  'image-id',
  'media-type',
  'bytes-uploaded',
  'bytes-reused',
] as const

export interface Image {
  built: Built
  images: readonly ImageReference[]
  /** The most specific one that points to the image, or would; empty: none does. */
  tag: string
  version: string
  labels: Record<string, string>
  /** Full references that point to the image, or would. */
  tags: readonly string[]
}
export interface Ending {
  result: 'pushed' | 'exists' | 'built' | 'planned'
  uploaded?: number
  reused?: number
}

export function report({
  built,
  images,
  tag,
  version,
  labels,
  tags,
  result,
  uploaded,
  reused,
}: Image & Ending): Outcome {
  const { top, platforms, manifests, configs } = built
  const name = images[0]?.name ?? ''
  const digests = [...new Set([top.digest, ...manifests.map(({ digest }) => digest), ...configs])]
  const isProven = result === 'pushed' || result === 'exists'
  // What nobody read back from a registry must not be deployed by a later step.
  const image = isProven ? `${name}@${top.digest}` : ''
  const ref = isProven ? formatReference({ name, digest: top.digest, ...(tag === '' ? {} : { tag }) }) : ''
  const metadata = {
    digest: top.digest,
    image,
    ref,
    tag,
    version,
    tags,
    platforms,
    digests,
    labels,
    mediaType: top.mediaType,
  }
  return {
    result,
    outputs: {
      digest: top.digest,
      image,
      ref,
      tag,
      version,
      metadata: JSON.stringify(metadata),
      tags: JSON.stringify(tags),
      platforms: JSON.stringify(platforms),
      digests: JSON.stringify(digests),
      'image-id': configs[0],
      'media-type': top.mediaType,
      'bytes-uploaded': uploaded,
      'bytes-reused': reused,
    },
    summary: [
      `### push-image: ${result}\n`,
      table(
        ['', ''],
        [
          ['digest', inlineCode(top.digest)],
          ['platforms', inlineCode(Object.keys(platforms).join(', '))],
          ['tags', tags.map(inlineCode).join('<br>')],
          ['uploaded', bytes(uploaded)],
          ['already there', bytes(reused)],
        ].filter(([, value]) => value !== ''),
      ),
    ].join('\n'),
  }
}

/** No output at all: what did not get everywhere must not be deployed. Tags may have moved when it came so far. */
export function reportFailure(failure: Error, moved: readonly string[]): Outcome {
  const touched =
    moved.length === 0
      ? 'No tag has moved.'
      : `These tags may have moved: ${moved.map(inlineCode).join(', ')}.`
  return {
    result: 'failed',
    outputs: {},
    summary: `### push-image: failed\n\n${escapeMarkdown(failure.message)}\n\n${touched}\n`,
    failure,
  }
}

const bytes = (count: number | undefined) =>
  count === undefined ? '' : `${(count / 1_000_000).toFixed(1)} MB`
