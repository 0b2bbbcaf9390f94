// An image from its layout into registries: blobs, then manifests by digest everywhere, then tags, then the proof.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import type { Layout } from './layout.ts'
import type { Digest } from './reference.ts'
import type { Repository } from './registry/client.ts'
import { persist, type Persistence } from './registry/persist.ts'
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

export interface PushOptions {
  base?: Base
  ifTagExists: IfTagExists
  /** Hears of each tag just before it moves. */
  onTag: (reference: string) => void
  clock: Clock
  signal: AbortSignal
}

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
  image: Image,
  targets: readonly Target[],
  options: PushOptions,
): Promise<Pushed> {
  const { top } = image
  const moves = await Promise.all(targets.map(target => tagsToMove(target, top.digest, options.ifTagExists)))
  const sum = { uploaded: 0, reused: 0, writes: 0 }
  const place = (target: Target) =>
    inParallel(unique(image.blobs), async blob => {
      const how = await placeBlob(layout, blob, target, options)
      sum[how === 'uploaded' ? 'uploaded' : 'reused'] += blob.size
      if (how !== 'there') sum.writes++
    })
  for (const target of targets) await place(target)
  for (const target of targets) {
    const { repository } = target
    for (const { digest, mediaType } of [...image.manifests, top]) {
      if ((await repository.head(digest)) === digest) continue
      const bytes = await layout.read(digest)
      const put = () => repository.putManifest(digest, bytes, mediaType)
      await put().catch(async (error: unknown) => {
        if (!(error instanceof UserError && error.code === 'blob-missing')) throw error
        // It had them a moment ago, or said so: once more, then it is its own fault.
        await place(target)
        await put()
      })
      sum.writes++
    }
  }
  const bytes = await layout.read(top.digest)
  for (const [index, { repository }] of targets.entries()) {
    const move = moves[index]?.move ?? []
    for (const tag of move) options.onTag(`${repository.name}:${tag}`)
    sum.writes += move.length
    const rest =
      move.length < 2
        ? move
        : // An answer that is lost or a no is no harm: each of them is written by itself, then.
          await repository.putTags(top.digest, bytes, top.mediaType, move).catch((error: unknown) => {
            options.signal.throwIfAborted()
            if (error instanceof HttpError) return move
            throw error
          })
    for (const tag of rest) await repository.putManifest(tag, bytes, top.mediaType)
  }
  const tags = moves.map(({ move, there }) => [...there, ...move])
  for (const [index, { repository }] of targets.entries()) {
    for (const reference of [top.digest, ...(tags[index] ?? [])])
      await readBack(repository, reference, top.digest, options)
  }
  return { uploaded: sum.uploaded, reused: sum.reused, existed: sum.writes === 0, tags }
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

/** A layer of the base is fetched only when a registry lacks it and cannot take it from the base's own repository. */
async function placeBlob(
  layout: Layout,
  blob: Descriptor,
  { repository, registry }: Target,
  { base, clock, signal }: PushOptions,
): Promise<'there' | 'mounted' | 'uploaded'> {
  const { digest } = blob
  if (await repository.hasBlob(digest)) return 'there'
  const session = await repository.beginUpload(digest, base?.registry === registry ? base.path : undefined)
  if (session === 'mounted') return 'mounted'
  await fetchFromBase(layout, blob, base, { clock, signal })
  await repository.uploadBlob(blob, (start, end) => layout.open(digest, start, end), session)
  return 'uploaded'
}

/** Brings a layer of the base into the layout, where it is not there yet. */
export async function fetchFromBase(
  layout: Layout,
  blob: Descriptor,
  base: Base | undefined,
  persistence: Persistence,
): Promise<void> {
  if (base === undefined || (await layout.has(blob.digest))) return
  await persist(persistence, async () =>
    layout.add(await base.repository.openBlob(blob.digest), blob.mediaType, blob),
  )
}

/** The proof. A registry may need a while until it reads what it wrote. */
async function readBack(
  repository: Repository,
  reference: string,
  digest: Digest,
  { clock, signal }: PushOptions,
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

/** What most registries bear, and other clients do. */
const AT_ONCE = 4

/** Begins no other after the first failure, which is thrown once all that had begun have ended. */
async function inParallel<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await act(item).catch((error: unknown) => {
        waiting.length = 0
        throw error
      })
    }
  }
  const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

const unique = (blobs: readonly Descriptor[]) => [...new Map(blobs.map(blob => [blob.digest, blob])).values()]
