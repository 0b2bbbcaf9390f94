import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from '@jest/globals'
import { temporaryDirectory } from '../temporary-directory.ts'
import { registry } from './registry.ts'
import { digestOf } from './store.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const layer = Buffer.from('the bytes of a layer')
const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')

const descriptor = (mediaType: string, bytes: Buffer) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})
const manifest = {
  schemaVersion: 2,
  mediaType: manifestType,
  config: descriptor('application/vnd.oci.image.config.v1+json', config),
  layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
}

/** POST, then PUT: what most clients do. */
async function upload(url: string, name: string, bytes: Buffer, headers: Record<string, string> = {}) {
  const opened = await fetch(`${url}/v2/${name}/blobs/uploads/`, { method: 'POST', headers })
  const location = new URL(opened.headers.get('location') ?? '', url)
  location.searchParams.set('digest', digestOf(bytes))
  return fetch(location, { method: 'PUT', body: bytes, headers })
}

async function putManifest(
  url: string,
  name: string,
  reference: string,
  content: unknown,
  type = manifestType,
) {
  const body = typeof content === 'string' ? content : JSON.stringify(content)
  return fetch(`${url}/v2/${name}/manifests/${reference}`, {
    method: 'PUT',
    body,
    headers: { 'content-type': type },
  })
}

/** The answer's JSON, as the caller knows it to be. */
async function jsonOf<T>(answer: Response | Promise<Response>): Promise<T> {
  const value: T = JSON.parse(await (await answer).text())
  return value
}

const locationOf = (answer: Response) => answer.headers.get('location') ?? ''

async function codeOf(answer: Response) {
  const { errors } = await jsonOf<{ errors: { code: string }[] }>(answer)
  return `${answer.status} ${errors[0]?.code}`
}

test('an image goes in by blobs and manifest, and comes out the same by tag and by digest', async () => {
  await using server = await registry()
  for (const bytes of [config, layer]) expect((await upload(server.url, 'acme/shop', bytes)).status).toBe(201)
  const put = await putManifest(server.url, 'acme/shop', 'v1', manifest)
  const digest = put.headers.get('docker-content-digest')
  expect(put.status).toBe(201)
  for (const reference of ['v1', digest]) {
    const got = await fetch(`${server.url}/v2/acme/shop/manifests/${reference}`)
    expect(got.headers.get('content-type')).toBe(manifestType)
    expect(digestOf(await got.bytes())).toBe(digest)
  }
  expect(server.tags('acme/shop')).toEqual({ v1: digest })
  const part = await fetch(`${server.url}/v2/acme/shop/blobs/${digestOf(layer)}`, {
    headers: { range: 'bytes=4-8' },
  })
  expect([part.status, await part.text()]).toEqual([206, 'bytes'])
})

describe('what is wrong is refused', () => {
  test.each([
    [
      'an unknown layer',
      { ...manifest, layers: [descriptor('x', Buffer.from('?'))] },
      manifestType,
      '400 MANIFEST_BLOB_UNKNOWN',
    ],
    [
      'a wrong size',
      { ...manifest, config: { ...manifest.config, size: 1 } },
      manifestType,
      '400 MANIFEST_INVALID',
    ],
    [
      'another Content-Type',
      manifest,
      'application/vnd.docker.distribution.manifest.v2+json',
      '400 MANIFEST_INVALID',
    ],
    ['no JSON', '{', manifestType, '400 MANIFEST_INVALID'],
    [
      'an index of nothing known',
      { schemaVersion: 2, manifests: [manifest.config] },
      'application/vnd.oci.image.index.v1+json',
      '400 MANIFEST_BLOB_UNKNOWN',
    ],
  ])('%s', async (_, content, type, refused) => {
    await using server = await registry()
    for (const bytes of [config, layer]) server.addBlob('shop', bytes)
    expect(await codeOf(await putManifest(server.url, 'shop', 'v1', content, type))).toBe(refused)
    expect(server.tags('shop')).toEqual({})
  })

  test.each([
    ['POST', '/v2/Shop/blobs/uploads/', '400 NAME_INVALID'],
    ['POST', `/v2/shop/blobs/uploads/?digest=sha256:${'0'.repeat(64)}`, '400 DIGEST_INVALID'],
    ['PUT', '/v2/shop/blobs/uploads/nowhere?digest=x', '404 BLOB_UPLOAD_UNKNOWN'],
    ['PUT', '/v2/shop/manifests/.dot', '400 MANIFEST_INVALID'],
    ['GET', '/v2/shop/manifests/v1', '404 MANIFEST_UNKNOWN'],
    ['GET', `/v2/shop/blobs/${digestOf(layer)}`, '404 BLOB_UNKNOWN'],
    ['GET', '/v2/shop/tags/list', '404 NAME_UNKNOWN'],
  ])('%s %s', async (method, path, refused) => {
    await using server = await registry()
    expect(await codeOf(await fetch(server.url + path, { method }))).toBe(refused)
  })

  test('a blob of another repository is unknown until it is mounted', async () => {
    await using server = await registry()
    const digest = server.addBlob('base', layer)
    expect((await fetch(`${server.url}/v2/shop/blobs/${digest}`)).status).toBe(404)
    const elsewhere = `${server.url}/v2/shop/blobs/uploads/?mount=${digest}&from=other`
    expect((await fetch(elsewhere, { method: 'POST' })).status).toBe(202)
    const mounted = await fetch(`${server.url}/v2/shop/blobs/uploads/?mount=${digest}&from=base`, {
      method: 'POST',
    })
    expect(mounted.status).toBe(201)
    expect(
      (await fetch(`${server.url}/v2/shop/blobs/${digest}`, { method: 'HEAD' })).headers.get(
        'content-length',
      ),
    ).toBe(String(layer.length))
  })
})

test('chunks must come in order and to the newest Location; a client that lost count may ask', async () => {
  await using server = await registry()
  const patch = (location: string, from: number, bytes: Buffer) =>
    fetch(new URL(location, server.url), {
      method: 'PATCH',
      body: bytes,
      headers: { 'content-range': `${from}-${from + bytes.length - 1}` },
    })
  const opened = await fetch(`${server.url}/v2/shop/blobs/uploads/`, { method: 'POST' })
  const first = await patch(locationOf(opened), 0, layer.subarray(0, 5))
  expect([first.status, first.headers.get('range')]).toEqual([202, '0-4'])
  expect(await codeOf(await patch(locationOf(opened), 5, layer.subarray(5)))).toBe('400 BLOB_UPLOAD_INVALID')
  const gap = await patch(locationOf(first), 7, layer.subarray(7))
  expect([gap.status, gap.headers.get('range')]).toEqual([416, '0-4'])
  const asked = await fetch(new URL(locationOf(gap), server.url))
  expect([asked.status, asked.headers.get('range')]).toEqual([204, '0-4'])
  const second = await patch(locationOf(asked), 5, layer.subarray(5))
  const done = await fetch(new URL(`${locationOf(second)}&digest=${digestOf(layer)}`, server.url), {
    method: 'PUT',
  })
  expect([done.status, server.blobs.get(digestOf(layer))?.equals(layer)]).toEqual([201, true])
})

describe('authorization', () => {
  const basic = `Basic ${btoa('robot:test-password')}`

  test('Basic: the challenge, a wrong password, the right one', async () => {
    await using server = await registry({
      auth: 'basic',
      rights: name => (name === 'shop' ? ['pull', 'push'] : ['pull']),
    })
    const ask = async (authorization?: string, method = 'POST', name = 'shop') =>
      fetch(`${server.url}/v2/${name}/blobs/uploads/`, {
        method,
        headers: authorization ? { authorization } : {},
      })
    const first = await ask()
    expect([first.status, first.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="test registry"',
    ])
    expect((await ask(`Basic ${btoa('robot:no')}`)).status).toBe(401)
    expect((await ask(basic)).status).toBe(202)
    expect(await codeOf(await ask(basic, 'POST', 'other'))).toBe('403 DENIED')
  })

  test('Bearer: the challenge names realm, service and scope; a token is good for its scopes while it lives', async () => {
    await using server = await registry({
      auth: 'bearer',
      rights: name => (name === 'shop' ? ['pull', 'push'] : ['pull']),
    })
    const token = async (scope: string, authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await fetch(`${server.url}/token?service=x&scope=${scope}`, { headers })
      return answer.ok ? `Bearer ${(await jsonOf<{ token: string }>(answer)).token}` : answer.status
    }
    const push = async (authorization: string, name = 'shop') => {
      const answer = await fetch(`${server.url}/v2/${name}/blobs/uploads/`, {
        method: 'POST',
        headers: { authorization },
      })
      return `${answer.status} ${/error="(\w+)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1] ?? ''}`
    }
    const challenged = await fetch(`${server.url}/v2/shop/blobs/uploads/`, { method: 'POST' })
    expect(challenged.headers.get('www-authenticate')).toBe(
      `Bearer realm="${server.url}/token",service="test registry",scope="repository:shop:pull,push"`,
    )
    const good = String(await token('repository:shop:pull,push', basic))
    expect(await push(good)).toBe('202 ')
    expect(await push(good, 'other')).toBe('401 insufficient_scope')
    expect(await push(String(await token('repository:other:pull,push', basic)), 'other')).toBe(
      '401 insufficient_scope',
    )
    expect(await push(String(await token('repository:shop:pull,push')))).toBe('401 insufficient_scope')
    expect(await token('repository:shop:pull', `Basic ${btoa('robot:no')}`)).toBe(401)
    server.expireTokens()
    expect(await push(good)).toBe('401 invalid_token')
  })

  test('a token that has no time to live is dead at once', async () => {
    await using server = await registry({ auth: 'bearer', tokenLifetime: 0 })
    const asked = fetch(`${server.url}/token?scope=repository:shop:pull`, {
      headers: { authorization: basic },
    })
    const { token } = await jsonOf<{ token: string }>(asked)
    const answer = await fetch(`${server.url}/v2/`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token')
  })
})

describe('faults on demand', () => {
  test('a manifest whose answer was lost is there', async () => {
    await using server = await registry()
    for (const bytes of [config, layer]) server.addBlob('shop', bytes)
    server.fail({ match: /^PUT .*manifests/, kind: 'drop-answer' })
    await expect(putManifest(server.url, 'shop', 'v1', manifest)).rejects.toThrow('fetch failed')
    expect(server.manifest('shop', 'v1')?.mediaType).toBe(manifestType)
    expect(server.requests.map(({ status }) => status)).toEqual([0])
  })

  test('a manifest that was just written may be read late', async () => {
    await using server = await registry({ staleReads: 2 })
    for (const bytes of [config, layer]) server.addBlob('shop', bytes)
    await putManifest(server.url, 'shop', 'v1', manifest)
    const read = async () => (await fetch(`${server.url}/v2/shop/manifests/v1`)).status
    expect([await read(), await read(), await read()]).toEqual([404, 404, 200])
  })

  test('a lost upload, a full line, a body that is too large', async () => {
    await using server = await registry({ largestBody: 10 })
    server.fail({ match: /^PUT/, kind: 'meanwhile', act: () => server.forgetUploads() })
    server.fail({ match: /^POST/, after: 1, kind: 'status', status: 429, headers: { 'retry-after': '7' } })
    expect(await codeOf(await upload(server.url, 'shop', layer))).toBe('404 BLOB_UPLOAD_UNKNOWN')
    const limited = await fetch(`${server.url}/v2/shop/blobs/uploads/`, { method: 'POST' })
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    expect((await upload(server.url, 'shop', layer)).status).toBe(413)
  })
})

test('referrers of an image are listed and filtered; tags come in pages', async () => {
  await using server = await registry()
  for (const bytes of [config, layer]) server.addBlob('shop', bytes)
  const image = server.addManifest('shop', 'v1', manifest)
  server.addManifest('shop', 'v2', { ...manifest, annotations: { a: 'b' } })
  const sbom = { ...manifest, artifactType: 'text/sbom', subject: { digest: image } }
  const put = await putManifest(server.url, 'shop', 'sbom', sbom)
  expect(put.headers.get('oci-subject')).toBe(image)
  const list = async (query: string) =>
    (await jsonOf<{ manifests: unknown[] }>(fetch(`${server.url}/v2/shop/referrers/${image}${query}`)))
      .manifests
  expect(await list('')).toMatchObject([{ artifactType: 'text/sbom' }])
  expect(await list('?artifactType=text/other')).toEqual([])
  const page = await fetch(`${server.url}/v2/shop/tags/list?n=2`)
  expect([await page.json(), page.headers.get('link')]).toEqual([
    { name: 'shop', tags: ['sbom', 'v1'] },
    '</v2/shop/tags/list?n=2&last=v1>; rel="next"',
  ])
})

async function skopeo(...args: string[]) {
  const child = spawn('skopeo', args, { stdio: 'pipe' })
  const [[exitCode], output] = await Promise.all([once(child, 'close'), text(child.stderr)])
  return `${exitCode} ${output}`
}
const skopeoIsHere = await skopeo('--version').then(
  ended => ended.startsWith('0'),
  () => false,
)
const testWithSkopeo = skopeoIsHere ? test : test.skip

testWithSkopeo.each(['none', 'basic', 'bearer'] as const)(
  'skopeo pushes and pulls the same image, auth %s',
  async auth => {
    await using server = await registry({ auth })
    await using source = await registry()
    await using temporary = await temporaryDirectory()
    for (const bytes of [config, layer]) source.addBlob('shop', bytes)
    const digest = source.addManifest('shop', 'v1', manifest)
    const credentials = `${server.username}:${server.password}`
    const plain = [
      '--insecure-policy',
      '--override-os=linux',
      '--override-arch=amd64',
      'copy',
      '--preserve-digests',
    ]
    const options = ['--src-tls-verify=false', '--dest-tls-verify=false', `--dest-creds=${credentials}`]
    const pushed = await skopeo(
      ...plain,
      ...options,
      `docker://${source.host}/shop:v1`,
      `docker://${server.host}/a/b:x`,
    )
    expect([pushed, server.tags('a/b')]).toEqual([expect.stringMatching(/^0 /), { x: digest }])
    const pull = [
      '--src-tls-verify=false',
      `--src-creds=${credentials}`,
      `docker://${server.host}/a/b@${digest}`,
    ]
    expect(await skopeo(...plain, ...pull, `oci:${temporary.path}:x`)).toMatch(/^0 /)
  },
)
