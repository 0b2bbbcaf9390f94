// What tools leave of an image: an OCI layout, as a directory or a tar, or what `docker save` writes; brought into a layout of ours.
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { algorithmOf } from '../digest.ts'
import type { Layout } from '../layout.ts'
import type { Descriptor } from '../types.ts'
import { badArchive, checkedDescriptor, parseDocument } from './document.ts'
import { fromDockerSave } from './docker-save.ts'
import { readTar } from './tar.ts'

export interface Opened {
  /** What `index.json` names; one image may be there under several names. */
  tops: Descriptor[]
  /** Brings a blob into the layout, where it is not there already. Thrown: UserError `bad-archive`, `digest-mismatch`. */
  bring: (descriptor: Descriptor) => Promise<void>
}

/** @throws UserError `no-archive`, `bad-archive`, `digest-mismatch` */
export async function openArchive(path: string, layout: Layout, signal: AbortSignal): Promise<Opened> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) {
    const sentence = `There is no ${path}.`
    throw new UserError('no-archive', sentence, 'Build the image before, or correct "archive".')
  }
  return found.isDirectory() ? openDirectory(path, layout) : openTar(path, layout, signal)
}

async function openDirectory(path: string, layout: Layout): Promise<Opened> {
  const index = await readFile(join(path, 'index.json')).catch(() => undefined)
  if (index === undefined) throw badArchive('has no index.json, so that it is no OCI layout')
  return {
    tops: topsOf(index),
    async bring({ mediaType, digest, size }) {
      if (await layout.has(digest)) return
      const algorithm = algorithmOf(digest)
      const file = join(path, 'blobs', algorithm, digest.slice(algorithm.length + 1))
      const there = await stat(file).catch(() => undefined)
      if (there?.isFile() !== true) throw lacks(digest)
      await layout.add(createReadStream(file), mediaType, { digest, size })
    },
  }
}

async function openTar(path: string, layout: Layout, signal: AbortSignal): Promise<Opened> {
  const read = await readTar(path, layout, signal)
  const index = read.documents.get('index.json')
  const tops = index === undefined ? [await fromDockerSave(read, layout)] : topsOf(index)
  return {
    tops,
    async bring({ digest }) {
      if (!(await layout.has(digest))) throw lacks(digest)
    },
  }
}

function topsOf(bytes: Buffer): Descriptor[] {
  const index = parseDocument(bytes, 'index.json')
  const manifests: unknown = 'manifests' in index ? index.manifests : undefined
  if (!Array.isArray(manifests)) throw badArchive('has an index.json without manifests')
  return manifests.map(checkedDescriptor)
}

const lacks = (digest: string) => badArchive(`lacks ${digest}, which it names`)
