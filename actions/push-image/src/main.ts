// The story of the action.
import type { Host, Outcome } from '@gitops-relay/action-kit'
import type { Clock } from '@gitops-relay/http/clock'
import {
  formatReference,
  pushImage,
  type Base,
  type ImageReference,
  type Layout,
  type Repository,
} from '@gitops-relay/oci'
import { buildImage, type Built } from './engine.ts'
import type { Inputs } from './inputs.ts'
import { describe } from './meaning.ts'
import { report, type Image } from './report.ts'
import { mostSpecific, tagsOf } from './tags.ts'

export interface Collaborators {
  open: (image: Pick<ImageReference, 'registry' | 'repository'>) => Repository
  layout: Layout
  /** Of the image's files, in seconds since the epoch. */
  time: () => Promise<number>
  clock: Clock
}

/** Builds an image, gets it into every registry, and proves which digest is there. */
export async function push(
  inputs: Inputs,
  host: Host,
  { open, layout, time, clock }: Collaborators,
  signal: AbortSignal,
): Promise<Outcome> {
  const tags = tagsOf(inputs.tags, host.run)
  const best = mostSpecific(tags)
  const seconds = await time()
  const own = describe(
    host.run,
    best?.name ?? '',
    new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
  )
  const meaning = {
    time: seconds,
    labels: { ...own, ...inputs.labels },
    annotations: { ...own, ...inputs.annotations },
  }
  const base = inputs.base && {
    repository: open(inputs.base),
    reference: inputs.base.digest ?? inputs.base.tag ?? 'latest',
  }

  const built: Built = await host.log.group('Build the layers', () =>
    buildImage(layout, inputs, meaning, base, signal),
  )
  host.log.info(`digest: ${built.top.digest}`)
  const wanted = inputs.images.map(image =>
    tags.map(({ name }) => formatReference({ name: image.name, tag: name })),
  )
  const image: Image = {
    built,
    images: inputs.images,
    tag: best?.name ?? '',
    labels: meaning.labels,
    tags: wanted.flat(),
  }
  if (inputs.dryRun) return report({ ...image, result: 'planned' })
  if (!inputs.push) return report({ ...image, result: 'built' })

  const targets = inputs.images.map(target => ({
    repository: open(target),
    registry: target.registry,
    tags: tags.map(({ name }) => name),
  }))
  const from: Base | undefined = base &&
    inputs.base && { ...base, registry: inputs.base.registry, path: inputs.base.repository }
  const options = {
    ifTagExists: inputs.ifTagExists,
    clock,
    signal,
    ...(from === undefined ? {} : { base: from }),
  }
  try {
    const pushed = await host.log.group('Push', () => pushImage(layout, built, targets, options))
    const landed = pushed.tags.flatMap((names, index) =>
      names.map(tag => formatReference({ name: inputs.images[index]?.name ?? '', tag })),
    )
    return report({
      ...image,
      tags: landed,
      result: pushed.existed ? 'exists' : 'pushed',
      uploaded: pushed.uploaded,
      reused: pushed.reused,
    })
  } catch (failure) {
    signal.throwIfAborted()
    return report({ ...image, tags: [], result: 'failed', failure: failure as Error }) // oxlint-disable-line no-unsafe-type-assertion -- whatever it is, it is told
  }
}
