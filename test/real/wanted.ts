// The image that these tests want, and how it gets into a file.
import { editManifest, type ImageUpdate, type Update } from '../../packages/manifests/src/index.ts'

export const A = `sha256:${'a'.repeat(64)}`
export const B = `sha256:${'b'.repeat(64)}`
export const shop: ImageUpdate = { kind: 'image', repository: 'reg.example/shop', tag: 'v2' }
export const pinned: ImageUpdate = { ...shop, digest: B }
export const digestOnly: ImageUpdate = { kind: 'image', repository: 'reg.example/shop', digest: B }
export const tagged = (tag: string): ImageUpdate => ({ ...shop, tag })
export const v1 = 'reg.example/shop:v1'
export const v2 = 'reg.example/shop:v2'
/** Tags that are numbers, booleans, dates or null to some YAML. */
export const typedTags =
  '1.10 1e3 0123456 1234567 1234567e8 0x1F 0o17 1_000 on y null 2024-01-01 08 1.2.3 v1.10'.split(' ')

/** The file after its edit. */
export function bumped(text: string, update: Update, file: string): string {
  return editManifest(file, new TextEncoder().encode(text), [update], 0).after
}
