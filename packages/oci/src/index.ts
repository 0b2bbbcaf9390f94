// Images and the registries that hold them.
export { readArchive } from './archive/read.ts'
export { writeArchive } from './archive/write.ts'
export { addLayer, type LayerSource } from './layer.ts'
export { createLayout, type Layout } from './layout.ts'
export type { Compression } from './compress.ts'
export { readBase, type BaseImage } from './base.ts'
export { digestOf } from './digest.ts'
export { imageConfig, imageIndex, imageManifest, type ImageParts } from './image.ts'
export { normalise, platformName } from './platform.ts'
export {
  fetchFromBase,
  pushImage,
  type Base,
  type IfTagExists,
  type Image,
  type Pushed,
  type Target,
} from './push.ts'
export {
  formatReference,
  isDigest,
  parseReference,
  sameRepository,
  type Digest,
  type ImageReference,
} from './reference.ts'
export { type Credential } from './registry/authorization.ts'
export { openRepository, type Repository } from './registry/client.ts'
export { isLoopback } from './registry/address.ts'
export * from './types.ts'
