// What a registry keeps: blobs and manifests by digest, each visible only in the repositories that have it, and tags.
import { createHash } from 'node:crypto'

export interface Manifest {
  digest: string
  mediaType: string
  bytes: Buffer
}

export interface Repository {
  blobs: Set<string>
  manifests: Map<string, Manifest>
  tags: Map<string, string>
}

export interface Store {
  /** Content of every blob by its digest. */
  readonly blobs: Map<string, Buffer>
  readonly repositories: Map<string, Repository>
  /** Made when it is not there. */
  repository(name: string): Repository
  addBlob(name: string, bytes: Buffer, digest?: string): string
  /** By tag or digest. */
  manifest(name: string, reference: string): Manifest | undefined
}

export function createStore(): Store {
  const blobs = new Map<string, Buffer>()
  const repositories = new Map<string, Repository>()
  const repository = (name: string) => {
    const found = repositories.get(name) ?? { blobs: new Set(), manifests: new Map(), tags: new Map() }
    repositories.set(name, found)
    return found
  }
  return {
    blobs,
    repositories,
    repository,
    addBlob(name, bytes, digest = digestOf(bytes)) {
      blobs.set(digest, bytes)
      repository(name).blobs.add(digest)
      return digest
    },
    manifest(name, reference) {
      const found = repositories.get(name)
      return found?.manifests.get(found.tags.get(reference) ?? reference)
    },
  }
}

export function digestOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** Is `digest` well formed, and that of `bytes`? */
export function matchesDigest(bytes: Uint8Array, digest: string): boolean {
  const algorithm = /^(sha256|sha512):[0-9a-f]+$/.exec(digest)?.[1]
  return (algorithm === 'sha256' || algorithm === 'sha512') && digestOf(bytes, algorithm) === digest
}
