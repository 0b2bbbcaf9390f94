// The engine `layer`: files and a base become an image in a layout on disk, without any daemon.
import {
  MEDIA,
  addLayer,
  imageConfig,
  imageIndex,
  imageManifest,
  platformName,
  readBase,
  type Descriptor,
  type Digest,
  type Image,
  type Layout,
  type Repository,
} from '@gitops-relay/oci'
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
 * @throws UserError, those of the base and of layers
 */
export async function buildImage(
  layout: Layout,
  { layers: lines, platforms, run, compression }: Inputs,
  { time, labels, annotations }: Meaning,
  base: { repository: Repository; reference: string } | undefined,
  signal: AbortSignal,
): Promise<Built> {
  const layers = []
  for (const line of lines) {
    const { descriptor, diffId } = await addLayer(layout, line, { mtime: time, compression, signal })
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

const json = (value: object) => Buffer.from(JSON.stringify(value))
