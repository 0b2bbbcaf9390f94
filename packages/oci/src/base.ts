// The image that layers are put upon, as far as it must be read: its config and the names of its layers.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { choosePlatform, normalise, platformName } from './platform.ts'
import { isDigest } from './reference.ts'
import type { Repository } from './registry/client.ts'
import type { Descriptor, ImageConfig, Index, Manifest, Platform } from './types.ts'

export interface BaseImage {
  config: ImageConfig
  layers: Descriptor[]
}

/**
 * Reads the base for one platform; its layers stay where they are.
 * @param reference tag or digest
 * @throws UserError `no-base-image`, `no-platform`, `bad-base-image`, and those of the registry
 */
export async function readBase(
  repository: Repository,
  reference: string,
  wanted: Platform,
): Promise<BaseImage> {
  const top = await repository.manifest(reference)
  if (top === undefined) throw noBase(repository, reference)
  const document = parse<Manifest | Index>(top.bytes, repository)
  if (!('manifests' in document)) return readManifest(repository, document, wanted)
  const entry = choosePlatform(document.manifests, wanted)
  if (entry === undefined) {
    throw noPlatform(
      repository,
      document.manifests.map(({ platform }) => platform),
      wanted,
    )
  }
  checked(entry, repository)
  const inner = await repository.manifest(entry.digest)
  if (inner === undefined) throw noBase(repository, entry.digest)
  return readManifest(repository, parse<Manifest>(inner.bytes, repository), wanted)
}

async function readManifest(
  repository: Repository,
  { config, layers }: Partial<Manifest>,
  wanted: Platform,
): Promise<BaseImage> {
  if (config === undefined || layers === undefined) throw badBase(repository)
  const descriptors = [config, ...layers]
  for (const descriptor of descriptors) checked(descriptor, repository)
  const read = parse<ImageConfig>(await repository.readBlob(config.digest), repository)
  if (!Array.isArray(read.rootfs?.diff_ids)) throw badBase(repository)
  // An image of one platform alone says only here which one it is.
  if (read.architecture && choosePlatform([{ platform: read }], wanted) === undefined)
    throw noPlatform(repository, [read], wanted)
  return { config: read, layers }
}

/** What a registry says becomes an address and a length. */
function checked({ digest, size }: Descriptor, repository: Repository): void {
  if (!isDigest(digest) || !Number.isSafeInteger(size) || size < 0) throw badBase(repository)
}

const noBase = ({ name }: Repository, reference: string) =>
  new UserError('no-base-image', `There is no ${name} at ${reference}.`, 'Correct "base-image".')

const badBase = ({ name }: Repository) =>
  new UserError('bad-base-image', `What ${name} holds is no image.`, 'Correct "base-image".')

function noPlatform({ name }: Repository, offered: (Platform | undefined)[], wanted: Platform): UserError {
  const names = offered.flatMap(platform =>
    // An index lists its attestations, too, under a platform that no machine has.
    platform === undefined || platform.os === 'unknown' ? [] : [platformName(platform)],
  )
  const sentence = `The base ${name} has no ${platformName(normalise(wanted))}; it has ${names.join(', ') || 'nothing'}.`
  return new UserError('no-platform', sentence, 'Correct "platforms" or "base-image".')
}

// oxlint-disable-next-line no-unnecessary-type-parameters -- the caller knows by the media type
function parse<T extends object>(bytes: Buffer, repository: Repository): T {
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw badBase(repository)
  }
  if (typeof parsed !== 'object' || parsed === null) throw badBase(repository)
  return parsed as T // oxlint-disable-line no-unsafe-type-assertion -- its digest was verified, what is used is checked
}
