import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import { describe, expect, test } from '@jest/globals'
import { certificateFor } from './certificate.test-double.ts'
import { createHttp, type HttpOptions } from './client.ts'
import { listen, proxyTo } from './servers.test-double.ts'

const sayingHere = (identity: { cert: string; key: string | Buffer }) =>
  listen(createServer(identity, (_, response) => void response.end('here')))

async function read(url: string, options: HttpOptions): Promise<string> {
  const clock = { now: () => 0, sleep: () => Promise.resolve() }
  return (await createHttp({ clock, ...options }).send({ url })).text()
}

test('an authority that was named is trusted', async () => {
  const identity = certificateFor(['localhost'])
  await using server = await sayingHere(identity)
  expect(await read(`https://localhost:${server.port}`, { ca: identity.cert })).toBe('here')
})

describe('a server that is not trusted is told why, and not asked again', () => {
  test.each<{ name: string; years: [number, number]; isNamed: boolean; sentence: string }>`
    name            | years           | isNamed  | sentence
    ${'localhost'}  | ${[2020, 2120]} | ${false} | ${'not trusted; give its CA'}
    ${'other.test'} | ${[2020, 2120]} | ${true}  | ${'for another name'}
    ${'localhost'}  | ${[2000, 2001]} | ${true}  | ${'has expired'}
  `('$sentence', async ({ name, years, isNamed, sentence }) => {
    const identity = certificateFor([name], years)
    await using server = await sayingHere(identity)
    const sent = read(`https://localhost:${server.port}`, isNamed ? { ca: identity.cert } : {})
    await expect(sent).rejects.toMatchObject({ code: 'tls', message: expect.stringContaining(sentence) })
    expect(server.sockets).toHaveLength(1)
  })

  test('for it does not speak TLS at all', async () => {
    await using server = await listen(createPlainServer())
    await expect(read(`https://localhost:${server.port}`, {})).rejects.toMatchObject({ code: 'tls' })
  })
})

test('TLS goes through a proxy, which is given its own credential and learns no more than the host', async () => {
  const identity = certificateFor(['far.test'])
  await using server = await sayingHere(identity)
  const { server: tunnels, asked } = proxyTo(server.port)
  await using proxy = await listen(tunnels)
  const env = { HTTPS_PROXY: `http://me:hidden@127.0.0.1:${proxy.port}` }
  const http = createHttp({ env, ca: identity.cert })
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
