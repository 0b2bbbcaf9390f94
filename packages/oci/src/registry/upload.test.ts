import { randomBytes } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { digestOf, registry, type RegistryOptions } from '@gitops-relay/testing'
import { isDigest } from '../reference.ts'
import type { Descriptor } from '../types.ts'
import type { OpenBlob } from './upload.ts'
import { repositoryOf } from './repository.test-double.ts'

const bytes = randomBytes(3_000_000)
const digest = digestOf(bytes)
if (!isDigest(digest)) throw new Error('no digest')
const blob: Descriptor = { mediaType: 'application/octet-stream', digest, size: bytes.length }

const open: OpenBlob = async function* (start = 0, end = bytes.length - 1) {
  for (let at = start; at <= end; at += 65_536)
    yield await Promise.resolve(bytes.subarray(at, Math.min(at + 65_536, end + 1)))
}

async function upload(
  options: RegistryOptions,
  prepare?: (target: Awaited<ReturnType<typeof registry>>) => void,
) {
  await using target = await registry(options)
  prepare?.(target)
  const { repository } = repositoryOf(target)
  const session = await repository.beginUpload(blob.digest)
  if (session === 'mounted') throw new Error('there is nothing to mount')
  await repository.uploadBlob(blob, open, session)
  expect(target.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
  return target.requests.map(({ method, status }) => `${method} ${status}`)
}

describe('a blob goes', () => {
  test('as a whole', async () => {
    expect(await upload({})).toEqual(['POST 202', 'PUT 201'])
  })

  test('in chunks where something takes no large body', async () => {
    const requests = await upload({ largestBody: 1_000_000 })
    expect(requests.slice(0, 3)).toEqual(['POST 202', 'PUT 413', 'POST 202'])
    expect(requests.filter(request => request === 'PATCH 202').length).toBeGreaterThanOrEqual(3)
    expect(requests.at(-1)).toBe('PUT 201')
  })

  test('in chunks that are as long as the registry demands', async () => {
    const requests = await upload({ largestBody: 1_400_000, leastChunk: 1_000_000 })
    expect(requests.filter(request => request.startsWith('PATCH 2'))).toHaveLength(3)
  })

  test.each(['reset', 'cut-body', 'drop-answer'] as const)(
    'in chunks, going on where one was lost (%s)',
    async kind => {
      const requests = await upload({ largestBody: 1_000_000 }, target =>
        target.fail({ match: /^PATCH/, kind, after: 7 }),
      )
      expect(requests).toContain('GET 204')
      // 3 MB in chunks of 512 KiB: none that has arrived is sent again.
      const arrived = requests.filter(request => request === 'PATCH 202').length
      expect(arrived + (kind === 'drop-answer' ? 1 : 0)).toBe(6)
      expect(requests.filter(request => request.startsWith('POST'))).toHaveLength(2)
    },
  )

  test('in a new session where the registry forgot the first', async () => {
    const requests = await upload({}, target =>
      target.fail({ match: /^PUT/, kind: 'meanwhile', act: () => target.forgetUploads() }),
    )
    expect(requests).toEqual(['POST 202', 'PUT 404', 'HEAD 404', 'POST 202', 'PUT 201'])
  })

  test('once, though the answer was lost', async () => {
    const requests = await upload({}, target => target.fail({ match: /^PUT/, kind: 'drop-answer' }))
    expect(requests).toEqual(['POST 202', 'PUT 0', 'HEAD 200'])
  })
})

describe('a manifest', () => {
  const manifest = Buffer.from(
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
  )
  const type = 'application/vnd.oci.image.index.v1+json'

  test('that landed without an answer is found, not written again', async () => {
    await using target = await registry()
    target.fail({ match: /^PUT/, kind: 'drop-answer' })
    await repositoryOf(target).repository.putManifest('v1', manifest, type)
    expect(target.requests.map(({ method, status }) => `${method} ${status}`)).toEqual(['PUT 0', 'HEAD 200'])
  })

  test('that is there under a tag that may not move is as good as written', async () => {
    await using target = await registry()
    const { repository } = repositoryOf(target)
    await repository.putManifest('v1', manifest, type)
    const immutable = '{"errors":[{"code":"TAG_INVALID","message":"the tag is immutable"}]}'
    target.fail({ match: /^PUT/, kind: 'status', status: 400, body: immutable, times: 2 })
    await repository.putManifest('v1', manifest, type)
    const other = Buffer.concat([manifest, Buffer.from('\n')])
    await expect(repository.putManifest('v1', other, type)).rejects.toMatchObject({ code: 'immutable-tag' })
  })

  test('under a digest that the registry says is another is refused', async () => {
    await using target = await registry()
    const headers = { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }
    target.fail({ match: /^PUT/, kind: 'status', status: 201, headers })
    await expect(repositoryOf(target).repository.putManifest('v1', manifest, type)).rejects.toMatchObject({
      code: 'digest-mismatch',
    })
  })
})
