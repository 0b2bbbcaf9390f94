// The story of the action.
import { Cancelled, type Host, type Outcome } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import {
  fetchFromBase,
  formatReference,
  pushImage,
  readArchive,
  writeArchive,
  type Base,
  type ImageReference,
  type Layout,
  type Repository,
} from '@gitops-relay/oci'
import type { Purpose } from './credentials.ts'
import { buildImage } from './engine.ts'
import type { Inputs } from './inputs.ts'
import { describe } from './meaning.ts'
import { report, reportFailure, type Image } from './report.ts'
import { mostSpecific, tagsOf, type Tag } from './tags/tags.ts'

export interface Collaborators {
  open: (image: Pick<ImageReference, 'registry' | 'repository'>, purpose: Purpose) => Promise<Repository>
  layout: Layout
  /** Of the image's files, in seconds since the epoch. */
  time: () => Promise<number>
  /** Tags of Git that the checkout has. */
  versions: () => Promise<string[]>
  clock: Clock
}

/** Builds an image, gets it into every registry, and proves which digest is there. */
export async function push(
  inputs: Inputs,
  host: Host,
  collaborators: Collaborators,
  signal: AbortSignal,
): Promise<Outcome> {
  const moved: string[] = []
  try {
    return await deliver(inputs, host, collaborators, reference => moved.push(reference), signal)
  } catch (error) {
    if (signal.aborted && moved.length > 0) throw new Cancelled('unknown')
    signal.throwIfAborted()
    return reportFailure(asFailure(error), moved)
  }
}

async function deliver(
  inputs: Inputs,
  host: Host,
  { open, layout, time, versions, clock }: Collaborators,
  onTag: (reference: string) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const committed = await time()
  const facts = { ...host.run, now: clock.now(), committed: committed * 1000, versions: await versions() }
  const tags = tagsOf(inputs.tags, inputs.flavor, facts)
  const version = tags[0]?.name ?? ''
  const meaning = meaningOf(inputs, host, version, committed)
  const base: Base | undefined = inputs.base && {
    repository: await open(inputs.base, 'pull'),
    registry: inputs.base.registry,
    path: inputs.base.repository,
  }
  const under = base && {
    repository: base.repository,
    reference: inputs.base?.digest ?? inputs.base?.tag ?? 'latest',
  }
  const { archive, outputArchive } = inputs
  const built = await (archive === undefined
    ? host.log.group('Build the layers', () => buildImage(layout, inputs, meaning, under, signal))
    : host.log.group('Read the archive', () => readArchive(archive, layout, signal)))
  host.log.info(`digest: ${built.top.digest}`)
  const image = (landed: readonly (readonly string[])[]): Image => ({
    built,
    images: inputs.images,
    tag: bestOf(tags, landed[0]),
    version,
    labels: meaning.labels,
    tags: landed.flatMap((names, index) =>
      names.map(tag => formatReference({ name: inputs.images[index]?.name ?? '', tag })),
    ),
  })
  const names = tags.map(({ name }) => name)
  const all = inputs.images.map(() => names)
  if (inputs.dryRun) return report({ ...image(all), result: 'planned' })
  if (outputArchive !== undefined) {
    for (const blob of built.blobs) await fetchFromBase(layout, blob, base, { clock, signal })
    await writeArchive(layout, built, outputArchive, { name: mostSpecific(tags)?.name ?? '', signal })
  }
  if (!inputs.push) return report({ ...image(all), result: 'built' })

  const targets = await Promise.all(
    inputs.images.map(async target => ({
      repository: await open(target, 'push'),
      registry: target.registry,
      tags: names,
    })),
  )
  const { ifTagExists } = inputs
  const options = { ifTagExists, onTag, clock, signal, ...(base === undefined ? {} : { base }) }
  const pushed = await host.log.group('Push', () => pushImage(layout, built, targets, options))
  const { existed, uploaded, reused } = pushed
  return report({ ...image(pushed.tags), result: existed ? 'exists' : 'pushed', uploaded, reused })
}

function meaningOf(inputs: Inputs, host: Host, version: string, time: number) {
  const created = new Date(time * 1000).toISOString().replace('.000Z', 'Z')
  const own = describe(host.run, version, created)
  return {
    time,
    labels: { ...own, ...inputs.labels },
    annotations: { ...own, ...inputs.annotations },
  }
}

/** The most specific tag among those of the first repository. */
const bestOf = (tags: readonly Tag[], landed: readonly string[] = []) =>
  mostSpecific(tags.filter(({ name }) => landed.includes(name)))?.name ?? ''

/** A registry that cannot be reached is no mistake of ours. */
function asFailure(error: unknown): Error {
  if (error instanceof HttpError) {
    const remedy = 'See whether the registry is well and its address is right, and run the step again.'
    return new UserError('registry-unreachable', error.message, remedy, { cause: error })
  }
  return error instanceof Error ? error : new Error(String(error))
}
