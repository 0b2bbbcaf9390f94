// The documents of an archive, which is as trusted as whoever made it.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { isDigest } from '../reference.ts'
import type { Descriptor } from '../types.ts'

/** @throws UserError `bad-archive` */
export function checkedDescriptor(value: unknown): Descriptor {
  const fields = new Map(Object.entries(value ?? {}))
  const [mediaType, digest, size]: unknown[] = ['mediaType', 'digest', 'size'].map(name => fields.get(name))
  const isWhole = Number.isSafeInteger(size) && Number(size) >= 0 && typeof mediaType === 'string'
  if (!isWhole || typeof digest !== 'string' || !isDigest(digest))
    throw badArchive('names an object without a media type, a digest and a size')
  return value as Descriptor // oxlint-disable-line no-unsafe-type-assertion -- just checked
}

/** @throws UserError `bad-archive` */
export function parseDocument(bytes: Buffer, name: string): object {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // Told below.
  }
  throw badArchive(`has ${name}, which is not JSON`)
}

export const badArchive = (what: string, cause?: unknown) =>
  new UserError(
    'bad-archive',
    `"archive" ${what}.`,
    'Give an OCI layout, as directory or tar, or the output of docker save, of one whole image.',
    { cause },
  )
