// The whole story of the action against a real registry over HTTP.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createInputReader, type RunFacts } from '@gitops-relay/action-kit'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { MEDIA, createLayout, openRepository, type Credential, type Digest } from '@gitops-relay/oci'
import { recordingHost, type TestRegistry } from '@gitops-relay/testing'
import { inputs, readInputs } from './inputs.ts'
import { push } from './main.ts'

export const SHA = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334'
const FACTS: Partial<RunFacts> = {
  event: 'push',
  repository: 'Acme/Shop',
  refName: 'main',
  refType: 'branch',
  sourceCommit: SHA,
  serverUrl: 'https://github.com',
}

interface Case {
  files?: Record<string, string>
  values?: Record<string, string>
  run?: Partial<RunFacts>
  credential?: Credential
  prepare?: (workspace: string) => Promise<void>
  /** While the workspace is still there. */
  finish?: () => Promise<void>
}

export async function run(
  target: TestRegistry,
  { files = { 'dist/a.js': 'hello' }, values = {}, run: facts, credential, prepare, finish }: Case = {},
) {
  await using host = await recordingHost({ run: { ...FACTS, ...facts } })
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(host.workspace, file)), { recursive: true })
    await writeFile(join(host.workspace, file), text)
  }
  await prepare?.(host.workspace)
  const given = { images: `${target.host}/acme/shop`, layers: 'dist:/app', ...values }
  const wanted = readInputs(createInputReader(inputs, given, host.workspace), host)
  const { signal } = new AbortController()
  const http = createHttp()
  const collaborators = {
    open: async (image: { registry: string; repository: string }) =>
      openRepository({
        http,
        ...image,
        scheme: 'http',
        credential,
        mask: () => {},
        clock: systemClock,
        signal,
      }),
    layout: await createLayout(await host.temporaryDirectory()),
    time: () => Promise.resolve(1_700_000_000),
    versions: () => Promise.resolve([]),
    clock: systemClock,
  }
  const outcome = await push(wanted, host, collaborators, signal)
  await finish?.()
  return { ...outcome, digest: String(outcome.outputs['digest'] ?? '') }
}

export const json = (bytes: Uint8Array | undefined): Record<string, { digest: Digest }[]> =>
  JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) // oxlint-disable-line no-unsafe-return

export const onBase = (target: TestRegistry, more: Record<string, string> = {}) => ({
  'base-image': `${target.host}/acme/base:v1`,
  ...more,
})

/** A base of these platforms; gives the digest of the layer that they share. */
export function addBase(target: TestRegistry, platforms: object[]): string {
  const layer = target.addBlob('acme/base', gzipSync(Buffer.alloc(1024)))
  const manifests = platforms.map(platform => {
    const config = JSON.stringify({
      ...platform,
      rootfs: { type: 'layers', diff_ids: [`sha256:${'0'.repeat(64)}`] },
    })
    const digest = target.addBlob('acme/base', config)
    const manifest = target.addManifest('acme/base', 'one', {
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      config: { mediaType: MEDIA.config, digest, size: config.length },
      layers: [{ mediaType: MEDIA.layer, digest: layer, size: target.blobs.get(layer)?.length }],
    })
    return {
      mediaType: MEDIA.manifest,
      digest: manifest,
      size: target.manifest('acme/base', manifest)?.bytes.length,
      platform,
    }
  })
  target.addManifest('acme/base', 'v1', { schemaVersion: 2, mediaType: MEDIA.index, manifests })
  return layer
}
