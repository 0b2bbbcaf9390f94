// What `docker save` wrote before it wrote OCI layouts: manifest.json, a config, and a plain tar for each layer.
import { imageManifest } from '../image.ts'
import type { Layout } from '../layout.ts'
import { MEDIA, type Descriptor, type ImageConfig } from '../types.ts'
import { badArchive, parseDocument } from './document.ts'
import type { PackedLayer, ReadTar } from './tar.ts'

/** @throws UserError `bad-archive` */
export async function fromDockerSave(
  { documents, layers, links }: ReadTar,
  layout: Layout,
): Promise<Descriptor> {
  const listed = documents.get('manifest.json')
  if (listed === undefined) throw badArchive('has neither index.json nor manifest.json')
  const images = parseDocument(listed, 'manifest.json')
  if (!Array.isArray(images) || images.length !== 1)
    throw badArchive(`holds ${Array.isArray(images) ? images.length : 'no'} images, and one is wanted`)
  const { Config, Layers } = Object(images[0]) as { Config?: unknown; Layers?: unknown } // oxlint-disable-line no-unsafe-type-assertion -- checked next
  const bytes = documents.get(String(Config))
  if (bytes === undefined || !Array.isArray(Layers)) throw badArchive('lacks the config of its image')
  const config = parseDocument(bytes, String(Config)) as Partial<ImageConfig> // oxlint-disable-line no-unsafe-type-assertion -- checked next
  const packed = Layers.map((name): PackedLayer => {
    const layer = layers.get(String(name)) ?? layers.get(links.get(String(name)) ?? '')
    if (layer === undefined) throw badArchive(`lacks the layer ${JSON.stringify(name)}`)
    return layer
  })
  const diffIds = config.rootfs?.diff_ids
  if (!Array.isArray(diffIds) || diffIds.join() !== packed.map(({ diffId }) => diffId).join())
    throw badArchive('has other layers than its config says')
  const parts = {
    platform: { os: 'linux', architecture: '' },
    created: '',
    layers: packed.map(layer => ({ ...layer, source: '' })),
    run: {},
    annotations: {},
  }
  const manifest = imageManifest(parts, await layout.put(bytes, MEDIA.config))
  return layout.put(Buffer.from(JSON.stringify(manifest)), MEDIA.manifest)
}
