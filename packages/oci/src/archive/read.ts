// An image out of an archive, as it is: every object that it names, from the top down.
import type { Layout } from '../layout.ts'
import type { Image } from '../push.ts'
import { platformName } from '../platform.ts'
import type { Digest } from '../reference.ts'
import type { Descriptor, Platform } from '../types.ts'
import { badArchive, checkedDescriptor, parseDocument } from './document.ts'
import { openArchive } from './open.ts'

export interface ArchivedImage extends Image {
  /** Manifest of each platform. */
  platforms: Record<string, Digest>
  configs: Digest[]
}

const DEEPEST = 3

/** @throws UserError `no-archive`, `bad-archive`, `digest-mismatch` */
export async function readArchive(path: string, layout: Layout, signal: AbortSignal): Promise<ArchivedImage> {
  const { tops, bring } = await openArchive(path, layout, signal)
  const [top, ...others] = [...new Map(tops.map(entry => [entry.digest, entry])).values()]
  if (top === undefined || others.length > 0)
    throw badArchive(`holds ${tops.length} images, and one is wanted`)
  const found: ArchivedImage = { top: plain(top), manifests: [], blobs: [], platforms: {}, configs: [] }

  async function visit(descriptor: Descriptor, depth: number): Promise<void> {
    await bring(descriptor)
    const document = parseDocument(await layout.read(descriptor.digest), descriptor.digest)
    if ('manifests' in document && Array.isArray(document.manifests)) {
      if (depth === DEEPEST) throw badArchive('has an index in an index in an index')
      for (const child of document.manifests.map(checkedDescriptor)) {
        await visit(child, depth + 1)
        found.manifests.push(plain(child))
      }
    } else if ('config' in document && 'layers' in document && Array.isArray(document.layers))
      await visitManifest(descriptor, checkedDescriptor(document.config), document.layers)
    else throw badArchive(`has ${descriptor.digest}, which is neither a manifest nor an index`)
  }

  async function visitManifest({ digest, platform }: Descriptor, config: Descriptor, layers: unknown[]) {
    await bring(config)
    found.blobs.push(config)
    for (const layer of layers.map(checkedDescriptor)) {
      // What may not be distributed lies elsewhere, and stays there.
      if ('urls' in layer && !(await layout.has(layer.digest))) continue
      await bring(layer)
      found.blobs.push(layer)
    }
    const own = platform ?? (parseDocument(await layout.read(config.digest), config.digest) as Platform) // oxlint-disable-line no-unsafe-type-assertion -- only its names are used, as text
    // An attestation is listed under a platform that no machine has.
    if (own.os === 'unknown' || !own.os || !own.architecture) return
    found.platforms[platformName(own)] = digest
    found.configs.push(config.digest)
  }

  await visit(top, 0)
  await layout.finish(found.top)
  return found
}

const plain = ({ mediaType, digest, size }: Descriptor): Descriptor => ({ mediaType, digest, size })
