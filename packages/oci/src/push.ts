// An image from its layout into registries: blobs, then manifests by digest everywhere, then tags, then the proof.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import type { Layout } from './layout.ts'
import type { Digest } from './reference.ts'
import type { Repository } from './registry/client.ts'
import type { Descriptor } from './types.ts'

export interface Image {
  top: Descriptor
  /** Manifests below an index. */
  manifests: Descriptor[]
  /** Configs and layers, those of the base included. */
  blobs: Descriptor[]
}

export interface Base {
  repository: Repository
  /** Registry host of the base, and the path in it. */
  registry: string
  path: string
}

export interface Target {
  repository: Repository
  registry: string
  tags: readonly string[]
}

export type IfTagExists = 'move' | 'keep' | 'skip'

export interface Pushed {
  uploaded: number
  reused: number
  /** Was there nothing to write at all? */
  existed: boolean
  /** Tags that point to the image now, per target. */
  tags: string[][]
}

/**
 * No tag moves anywhere before every manifest is on every registry.
 * @throws UserError `tag-exists`, `not-readable`, and those of the registry
 */
export async function pushImage(
  layout: Layout,
  { top, manifests, blobs }: Image,
  targets: readonly Target[],
  {
    base,
    ifTagExists,
    clock,
    signal,
  }: { base?: Base; ifTagExists: IfTagExists; clock: Clock; signal: AbortSignal },
): Promise<Pushed> {
  const moves = await Promise.all(targets.map(target => tagsToMove(target, top.digest, ifTagExists)))
  let uploaded = 0
  let reused = 0
  let wrote = false
  for (const target of targets) {
    for (const blob of unique(blobs)) {
      if (await target.repository.hasBlob(blob.digest)) reused += blob.size
      else if (
        base?.registry === target.registry &&
        (await target.repository.mountBlob(blob.digest, base.path))
      )
        reused += blob.size
      else {
        await fetchBlob(layout, blob, base)
        await target.repository.uploadBlob(blob, () => layout.open(blob.digest))
        uploaded += blob.size
        wrote = true
      }
    }
  }
  for (const { repository } of targets) {
    for (const manifest of [...manifests, top]) {
      if ((await repository.head(manifest.digest)) === manifest.digest) continue
      await repository.putManifest(manifest.digest, await layout.read(manifest.digest), manifest.mediaType)
      wrote = true
    }
  }
  const bytes = await layout.read(top.digest)
  for (const [index, { repository }] of targets.entries()) {
    for (const tag of moves[index]?.move ?? []) {
      await repository.putManifest(tag, bytes, top.mediaType)
      wrote = true
    }
  }
  const tags = moves.map(({ move, there }) => [...there, ...move])
  for (const [index, { repository }] of targets.entries()) {
    for (const reference of [top.digest, ...(tags[index] ?? [])])
      await readBack(repository, reference, top.digest, clock, signal)
  }
  return { uploaded, reused, existed: !wrote, tags }
}

async function tagsToMove({ repository, tags }: Target, digest: Digest, ifTagExists: IfTagExists) {
  const move: string[] = []
  const there: string[] = []
  for (const tag of tags) {
    const current = await repository.head(tag)
    if (current === digest) there.push(tag)
    else if (current === undefined || ifTagExists === 'move') move.push(tag)
    else if (ifTagExists === 'keep') {
      const sentence = `${repository.name}:${tag} exists and is another image, ${current}.`
      throw new UserError(
        'tag-exists',
        sentence,
        'Push under another tag, or set "if-tag-exists" to move or skip.',
      )
    }
  }
  return { move, there }
}

/** A layer of the base is fetched only when a registry lacks it. */
async function fetchBlob(
  layout: Layout,
  { digest, mediaType }: Descriptor,
  base: Base | undefined,
): Promise<void> {
  if (base === undefined || (await layout.has(digest))) return
  await layout.add(await base.repository.openBlob(digest), mediaType, digest)
}

/** The proof. A registry may need a while until it reads what it wrote. */
async function readBack(
  repository: Repository,
  reference: string,
  digest: Digest,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (const started = clock.now(); ; await clock.sleep(1000, signal)) {
    const found = await repository.manifest(reference)
    if (found?.digest === digest) return
    if (clock.now() - started < 30_000) continue
    const what = found === undefined ? 'is not there' : `is ${found.digest}`
    const sentence = `${repository.name}: ${reference} ${what} after the push of ${digest}.`
    throw new UserError(
      'not-readable',
      sentence,
      'Somebody else pushes this tag, or the registry lost it; run the step again.',
    )
  }
}

const unique = (blobs: readonly Descriptor[]) => [...new Map(blobs.map(blob => [blob.digest, blob])).values()]
