// From what happened to outputs and summary. Pure.
import { inlineCode, table, type Outcome } from '@gitops-relay/action-kit'
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
  /** The most specific one. */
  tag: string
  labels: Record<string, string>
  /** Full references that point to the image, or would. */
  tags: readonly string[]
}
export interface Ending {
  result: 'pushed' | 'exists' | 'built' | 'planned' | 'failed'
  uploaded?: number
  reused?: number
  failure?: Error
}

export function report({
  built,
  images,
  tag,
  labels,
  tags,
  result,
  uploaded,
  reused,
  failure,
}: Image & Ending): Outcome {
  const { top, platforms, manifests, configs } = built
  const name = images[0]?.name ?? ''
  const digests = [...new Set([top.digest, ...manifests.map(({ digest }) => digest), ...configs])]
  const isProven = result === 'pushed' || result === 'exists'
  // What nobody read back from a registry must not be deployed by a later step.
  const image = isProven ? `${name}@${top.digest}` : ''
  const ref = isProven ? formatReference({ name, tag, digest: top.digest }) : ''
  const metadata = {
    digest: top.digest,
    image,
    ref,
    tag,
    version: tag,
    tags,
    platforms,
    digests,
    labels,
    mediaType: top.mediaType,
  }
  return {
    result,
    outputs: {
      digest: result === 'failed' ? '' : top.digest,
      image,
      ref,
      tag,
      version: tag,
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
    ...(failure === undefined ? {} : { failure }),
  }
}

const bytes = (count: number | undefined) =>
  count === undefined ? '' : `${(count / 1_000_000).toFixed(1)} MB`
