import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test } from '@jest/globals'
import { certificateAuthority, type Identity } from '@gitops-relay/testing'
import { createHttp, type HttpOptions } from './client.ts'
import { listen, proxyTo } from './servers.test-double.ts'

const authority = certificateAuthority()
const ca = authority.cert
const local = authority.issue({ hosts: ['localhost'] })

const sayingHere = (identity: Identity) =>
  listen(createServer(identity, (_, response) => void response.end('here')))

async function read(url: string, options: HttpOptions): Promise<string> {
  const clock = { now: () => 0, sleep: () => Promise.resolve() }
  return (await createHttp({ clock, ...options }).send({ url })).text()
}

test('an authority that was named is trusted', async () => {
  await using server = await sayingHere(local)
  expect(await read(`https://localhost:${server.port}`, { ca })).toBe('here')
})

describe('a server that is not trusted is told why, and not asked again', () => {
  test.each<{ name: string; years: [number, number]; isNamed: boolean; sentence: string }>`
    name            | years           | isNamed  | sentence
    ${'localhost'}  | ${[2020, 2120]} | ${false} | ${'not trusted; give its CA'}
    ${'other.test'} | ${[2020, 2120]} | ${true}  | ${'for another name'}
    ${'localhost'}  | ${[2000, 2001]} | ${true}  | ${'has expired'}
  `('$sentence', async ({ name, years, isNamed, sentence }) => {
    await using server = await sayingHere(authority.issue({ hosts: [name], years }))
    const sent = read(`https://localhost:${server.port}`, isNamed ? { ca } : {})
    await expect(sent).rejects.toMatchObject({ code: 'tls', message: expect.stringContaining(sentence) })
    expect(server.sockets).toHaveLength(1)
  })

  test('for it does not speak TLS at all', async () => {
    await using server = await listen(createPlainServer())
    await expect(read(`https://localhost:${server.port}`, {})).rejects.toMatchObject({ code: 'tls' })
  })
})

test('TLS goes through a proxy, which is given its own credential and learns no more than the host', async () => {
  await using server = await sayingHere(authority.issue({ hosts: ['far.test'] }))
  const { server: tunnels, asked } = proxyTo(server.port)
  await using proxy = await listen(tunnels)
  const env = { HTTPS_PROXY: `http://me:hidden@127.0.0.1:${proxy.port}` }
  const http = createHttp({ env, ca })
  const headers = { authorization: 'Bearer secret' }
  const response = await http.send({ url: 'https://far.test/x', headers })
  expect(await response.text()).toBe('here')
  const proxyAuthorization = `Basic ${btoa('me:hidden')}`
  expect(asked).toEqual([{ to: 'far.test:443', authorization: undefined, proxyAuthorization }])
})

test('a proxy that is not there is named, without its password', async () => {
  const sent = read('https://far.test/', { env: { HTTPS_PROXY: 'http://me:hidden@127.0.0.1:1' } })
  await expect(sent).rejects.toThrow(/^(?!.*hidden).*The proxy http:\/\/127\.0\.0\.1:1 is in between/)
})

describe('a server of its own authority', () => {
  test('is trusted by that authority, and by no other', async () => {
    await using server = await sayingHere(local)
    const url = `https://localhost:${server.port}`
    expect(await read(url, { tls: { authorities: ca } })).toBe('here')
    const others = read(url, { ca, tls: { authorities: certificateAuthority().cert } })
    await expect(others).rejects.toMatchObject({ code: 'tls' })
  })

  test('may be met at an address that its certificate does not name', async () => {
    await using server = await sayingHere(authority.issue({ hosts: ['kubernetes.default'] }))
    const url = `https://127.0.0.1:${server.port}`
    expect(await read(url, { tls: { authorities: ca, serverName: 'kubernetes.default' } })).toBe('here')
    const unnamed = read(url, { tls: { authorities: ca } })
    await expect(unnamed).rejects.toMatchObject({ code: 'tls' })
  })

  test('is taken for whatever it is where nobody wants to know', async () => {
    await using server = await sayingHere(authority.issue({ hosts: ['other.test'], years: [2000, 2001] }))
    expect(await read(`https://localhost:${server.port}`, { tls: { insecure: true } })).toBe('here')
  })
})

const askingWho = () =>
  listen(
    createServer({ ...local, ca, requestCert: true, rejectUnauthorized: true }, ({ socket }, response) => {
      const { subject } = (socket as TLSSocket).getPeerCertificate() // oxlint-disable-line no-unsafe-type-assertion -- a TLS server
      response.end(subject.CN)
    }),
  )

describe('a client certificate', () => {
  const { cert: certificate, key } = authority.issue({ name: 'relay' })

  test('says who we are', async () => {
    await using server = await askingWho()
    const tls = { authorities: ca, certificate, key }
    expect(await read(`https://localhost:${server.port}`, { tls })).toBe('relay')
  })

  test('goes through a tunnel, and is not shown to the proxy', async () => {
    await using server = await askingWho()
    const { server: tunnels, asked } = proxyTo(server.port)
    await using proxy = await listen(tunnels)
    const tls = { authorities: ca, certificate, key, serverName: 'localhost' }
    expect(await read('https://far.test/', { tls, proxy: proxy.url })).toBe('relay')
    expect(asked.map(({ to }) => to)).toEqual(['far.test:443'])
  })

  test('that cannot be read, or belongs to another key, is told before anything is sent', async () => {
    await using server = await askingWho()
    const url = `https://localhost:${server.port}`
    for (const other of ['no key', authority.issue({}).key]) {
      const sent = read(url, { tls: { authorities: ca, certificate, key: other } })
      const sentence = 'The certificates for TLS cannot be used'
      await expect(sent).rejects.toMatchObject({ code: 'tls', message: expect.stringContaining(sentence) })
    }
    expect(server.sockets).toHaveLength(0)
  })
})

test('a proxy that is named for one client is used for every address, whatever the variables say', async () => {
  await using server = await sayingHere(local)
  const { server: tunnels, asked } = proxyTo(server.port)
  await using proxy = await listen(tunnels)
  const env = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' }
  const url = `https://localhost:${server.port}`
  expect(await read(url, { ca, env, proxy: proxy.url })).toBe('here')
  expect(asked).toHaveLength(1)
})
