// The engine `layer`: files and a base become an image in a layout on disk, without any daemon.
import type { Platform } from '@gitops-relay/oci'
import {
  MEDIA,
  addLayer,
  imageConfig,
  imageIndex,
  imageManifest,
  platformName,
  type Descriptor,
  type Digest,
  type Image,
  type ImageConfig,
  type Index,
  type Layout,
  type Manifest,
  type Repository,
} from '@gitops-relay/oci'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Inputs } from './inputs.ts'

export interface Built extends Image {
  /** Manifest of each platform. */
  platforms: Record<string, Digest>
  configs: Digest[]
}

export interface Meaning {
  /** Seconds since the epoch. */
  time: number
  labels: Record<string, string>
  annotations: Record<string, string>
}

/**
 * @param base where `base-image` is; absent for scratch
 * @throws UserError `no-platform`, and those of layers and registry
 */
export async function buildImage(
  layout: Layout,
  { layers: lines, platforms, run, level }: Inputs,
  { time, labels, annotations }: Meaning,
  base: { repository: Repository; reference: string } | undefined,
  signal: AbortSignal,
): Promise<Built> {
  const layers = []
  for (const line of lines) {
    const { descriptor, diffId } = await addLayer(layout, line, { mtime: time, level, signal })
    layers.push({ descriptor, diffId, source: line.target })
  }
  const created = new Date(time * 1000).toISOString().replace('.000Z', 'Z')
  const manifests: Descriptor[] = []
  const blobs: Descriptor[] = []
  for (const platform of platforms) {
    const under = base && (await readBase(base.repository, base.reference, platform))
    const parts = {
      platform,
      created,
      layers,
      run: { ...run, Labels: labels },
      annotations,
      ...(under === undefined ? {} : { base: under }),
    }
    const config = await layout.put(json(imageConfig(parts)), MEDIA.config)
    const manifest = imageManifest(parts, config)
    manifests.push({ ...(await layout.put(json(manifest), MEDIA.manifest)), platform })
    blobs.push(config, ...manifest.layers)
  }
  const single = manifests.length === 1 ? manifests[0] : undefined
  const { platform: _, ...plain } =
    single ?? (await layout.put(json(imageIndex(manifests, annotations)), MEDIA.index))
  await layout.finish(plain)
  return {
    top: plain,
    manifests: single === undefined ? manifests : [],
    blobs,
    platforms: Object.fromEntries(
      manifests.map(({ platform, digest }) => [platform === undefined ? '' : platformName(platform), digest]),
    ),
    configs: blobs.filter(({ mediaType }) => mediaType === MEDIA.config).map(({ digest }) => digest),
  }
}

/** The base's config and layers for a platform; the layers themselves stay where they are. */
async function readBase(
  repository: Repository,
  reference: string,
  platform: Platform,
): Promise<{ config: ImageConfig; layers: Descriptor[] }> {
  const wanted = platformName(platform)
  const top = await repository.manifest(reference)
  if (top === undefined) {
    throw new UserError(
      'no-base-image',
      `There is no ${repository.name} at ${reference}.`,
      'Correct "base-image".',
    )
  }
  const document = parse<Manifest | Index>(top.bytes)
  if ('layers' in document) return readManifest(repository, document)
  const entry = document.manifests.find(
    found => found.platform !== undefined && platformName(found.platform) === wanted,
  )
  const inner = entry && (await repository.manifest(entry.digest))
  if (inner !== undefined) return readManifest(repository, parse<Manifest>(inner.bytes))
  const offered = document.manifests.flatMap(found =>
    found.platform === undefined ? [] : [platformName(found.platform)],
  )
  const sentence = `The base ${repository.name} has no ${wanted}; it has ${offered.join(', ')}.`
  throw new UserError('no-platform', sentence, 'Correct "platforms" or "base-image".')
}

async function readManifest(repository: Repository, { config, layers }: Manifest) {
  const chunks: Uint8Array[] = []
  for await (const chunk of await repository.openBlob(config.digest)) chunks.push(chunk)
  return { config: parse<ImageConfig>(Buffer.concat(chunks)), layers }
}

const json = (value: object) => Buffer.from(JSON.stringify(value))
// oxlint-disable-next-line no-unnecessary-type-parameters -- the caller knows by the media type
const parse = <T>(bytes: Buffer): T => JSON.parse(bytes.toString('utf8')) as T // oxlint-disable-line no-unsafe-type-assertion -- its digest was verified
