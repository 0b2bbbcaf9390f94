import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { createHttp, type HttpOptions } from './client.ts'
import { systemClock, type Clock } from './clock.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A real server that gives its answers in turn, the last one again and again. */
async function server(...answers: Answer[]) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = []
  const listening = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
      answers[Math.min(requests.length, answers.length) - 1]?.(request, response)
    })
  })
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo // oxlint-disable-line no-unsafe-type-assertion -- a TCP server
  const close = () =>
    new Promise<void>(resolve => {
      listening.close(() => resolve())
      listening.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: close }
}

const say =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)
const reset: Answer = request => void request.socket.destroy()

async function* twoPieces() {
  yield Buffer.from('bo')
  yield await Promise.resolve(Buffer.from('dy'))
}

async function* slowly() {
  for (let piece = 0; piece < 6; piece++) {
    await systemClock.sleep(50)
    yield Buffer.from('x')
  }
}

/** Sleeps without waiting, and keeps how long. */
function client(options: HttpOptions = {}) {
  const slept: number[] = []
  let now = Date.parse('2026-01-01T00:00:00Z')
  const clock: Clock = {
    now: () => now,
    sleep: milliseconds => {
      slept.push(milliseconds)
      now += milliseconds
      return Promise.resolve()
    },
  }
  return { http: createHttp({ clock, random: () => 1, ...options }), slept }
}

describe('a read is repeated', () => {
  test.each<{ name: string; faults: Answer[]; delays: number[] }>`
    name                     | faults                                                                | delays
    ${'a broken gateway'}    | ${[say(502), say(503)]}                                               | ${[1000, 2000]}
    ${'a cut connection'}    | ${[reset]}                                                            | ${[1000]}
    ${'as told, in seconds'} | ${[say(429, '', { 'retry-after': '7' })]}                             | ${[7000]}
    ${'as told, by a date'}  | ${[say(503, '', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' })]} | ${[30_000]}
  `('$name', async ({ faults, delays }) => {
    await using it = await server(...faults, say(200, 'well'))
    const { http, slept } = client()
    const response = await http.send({ url: it.url })
    expect([response.status, await response.text(), slept]).toEqual([200, 'well', delays])
  })

  test('not longer than five times, nor past the deadline, nor as long as a hostile server wants', async () => {
    await using it = await server(say(500))
    const { http } = client()
    expect((await http.send({ url: it.url })).status).toBe(500)
    expect(it.requests).toHaveLength(5)
    const soon = client({ deadline: Date.parse('2026-01-01T00:00:00.500Z') })
    await soon.http.send({ url: it.url })
    expect(it.requests).toHaveLength(6)
    await using greedy = await server(say(429, '', { 'retry-after': '86400' }))
    expect((await client().http.send({ url: greedy.url })).status).toBe(429)
  })
})

describe('a write is repeated only as its kind allows', () => {
  test.each<{ repeat: 'once' | 'refused' | 'repeat'; fault: Answer; requests: number }>`
    repeat       | fault                                   | requests
    ${'once'}    | ${say(503, '', { 'retry-after': '1' })} | ${1}
    ${'refused'} | ${say(503, '', { 'retry-after': '1' })} | ${2}
    ${'refused'} | ${say(503)}                             | ${1}
    ${'refused'} | ${say(429)}                             | ${2}
    ${'refused'} | ${say(500)}                             | ${1}
    ${'repeat'}  | ${say(500)}                             | ${2}
  `('$repeat', async ({ repeat, fault, requests }) => {
    await using it = await server(fault, say(201))
    await client().http.send({
      url: it.url,
      method: 'PUT',
      repeat,
      body: twoPieces,
      headers: { 'content-length': '4' },
    })
    expect(it.requests.map(request => request.body)).toEqual(Array<string>(requests).fill('body'))
  })

  test('a cut connection may have landed, so only `repeat` goes on', async () => {
    await using it = await server(reset, say(201))
    const sent = client().http.send({ url: it.url, method: 'POST', repeat: 'refused', body: 'x' })
    await expect(sent).rejects.toMatchObject({ code: 'network' })
    expect(it.requests).toHaveLength(1)
  })
})

describe('redirects', () => {
  test('never carry a credential to another origin', async () => {
    await using other = await server(say(200, 'there'))
    await using it = await server(
      (_, response) => void response.writeHead(307, { location: `${other.url}/x` }).end(),
    )
    const headers = { authorization: 'Bearer secret', cookie: 'a=b', accept: 'x/y' }
    const response = await client().http.send({ url: it.url, headers })
    expect([response.url, await response.text()]).toEqual([`${other.url}/x`, 'there'])
    expect(other.requests[0]?.headers).toMatchObject({ accept: 'x/y' })
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization')
    expect(other.requests[0]?.headers).not.toHaveProperty('cookie')
  })

  test('end, and a write follows none', async () => {
    await using it = await server(say(302, '', { location: '/again' }))
    expect((await client().http.send({ url: it.url })).status).toBe(302)
    expect(it.requests).toHaveLength(6)
    expect((await client().http.send({ url: it.url, method: 'POST' })).status).toBe(302)
    expect(it.requests).toHaveLength(7)
  })
})

describe('what is refused or broken has a sentence', () => {
  test.each<{ url: string; code: string }>`
    url                      | code
    ${'http://example.com/'} | ${'plain-http'}
    ${'ftp://example.com/'}  | ${'bad-url'}
    ${'nonsense'}            | ${'bad-url'}
    ${'http://127.0.0.1:1/'} | ${'refused'}
    ${'https://x.invalid/'}  | ${'dns'}
  `('$url', async ({ url, code }) => {
    await expect(client().http.send({ url })).rejects.toMatchObject({ code })
  })

  test('without the secrets of its address', async () => {
    const sent = client().http.send({ url: 'http://me:hidden@127.0.0.1:1/path?token=hidden' })
    await expect(sent).rejects.toThrow(/^(?!.*hidden).*\(http:\/\/127\.0\.0\.1:1\/path\?token=…\)$/)
  })

  test('an answer that never comes', async () => {
    await using it = await server(() => {})
    const sent = client().http.send({ url: it.url, timeout: 50, repeat: 'once' })
    await expect(sent).rejects.toMatchObject({ code: 'timeout' })
  })

  test('a body that stalls', async () => {
    await using it = await server((_, response) => void response.writeHead(200).write('half'))
    const response = await client().http.send({ url: it.url, timeout: 100 })
    await expect(response.text()).rejects.toMatchObject({ code: 'idle' })
  })

  test('a body that is cut, too large, or a page', async () => {
    await using it = await server(
      (_, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half')
        setImmediate(() => response.destroy())
      },
      say(200, 'x'.repeat(2000)),
      say(200, '<html>sign in</html>'),
    )
    const { http } = client()
    await expect((await http.send({ url: it.url })).text()).rejects.toMatchObject({ code: 'network' })
    await expect((await http.send({ url: it.url })).text(1000)).rejects.toMatchObject({ code: 'too-large' })
    await expect((await http.send({ url: it.url })).json()).rejects.toThrow('begins with "<html>sign in')
  })

  test('an abort is the reason that was given', async () => {
    await using it = await server(() => {})
    const stop = new AbortController()
    const sent = client().http.send({ url: it.url, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(sent).rejects.toThrow('enough')
  })

  test('an abort ends a body that is being read', async () => {
    await using it = await server((_, response) => void response.writeHead(200).write('half'))
    const stop = new AbortController()
    const response = await client().http.send({ url: it.url, signal: stop.signal })
    const pieces: string[] = []
    const reading = (async () => {
      for await (const piece of response.stream()) {
        pieces.push(Buffer.from(piece).toString())
        stop.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toThrow('enough')
    expect(pieces).toEqual(['half'])
  })

  test('a token with a line break, at once', async () => {
    await using it = await server(say(200))
    const { http, slept } = client()
    const sent = http.send({ url: it.url, headers: { authorization: 'Bearer secret\n' } })
    await expect(sent).rejects.toMatchObject({
      code: 'bad-header',
      message: expect.not.stringMatching('secret'),
    })
    expect([it.requests.length, slept]).toEqual([0, []])
  })

  test('a server that hangs beyond the deadline, and a deadline that is over', async () => {
    await using it = await server(() => {})
    const now = Date.parse('2026-01-01T00:00:00Z')
    for (const deadline of [now + 50, now]) {
      const sent = client({ deadline }).http.send({ url: it.url })
      await expect(sent).rejects.toMatchObject({ code: 'deadline' })
    }
    expect(it.requests).toHaveLength(1)
  })

  test("what breaks the request's own body is not the server's fault, and not repeated", async () => {
    await using it = await server(say(201))
    let opened = 0
    async function* body() {
      opened++
      yield Buffer.from('b')
      await Promise.reject(new Error('the file is gone'))
    }
    const sent = client().http.send({ url: it.url, method: 'PUT', repeat: 'repeat', body })
    await expect(sent).rejects.toThrow('the file is gone')
    expect(opened).toBe(1)
  })
})

describe('what goes on may take longer than the limit of silence', () => {
  test('an upload', async () => {
    await using it = await server(say(201))
    const sent = client().http.send({ url: it.url, method: 'PUT', body: slowly, timeout: 200 })
    expect((await sent).status).toBe(201)
  })

  test('an answer', async () => {
    await using it = await server((_, response) => void Readable.from(slowly()).pipe(response))
    expect(await (await client().http.send({ url: it.url, timeout: 200 })).text()).toBe('xxxxxx')
  })
})

describe('plain http goes to hosts that were named', () => {
  test.each<{ named: string; isRefused: boolean }>`
    named             | isRefused
    ${'a.invalid'}    | ${false}
    ${'A.invalid:81'} | ${false}
    ${'a.invalid:80'} | ${true}
    ${'invalid'}      | ${true}
  `('$named', async ({ named, isRefused }) => {
    const sent = client({ plainHttpHosts: [named] }).http.send({
      url: 'http://a.invalid:81/',
      repeat: 'once',
    })
    await expect(sent).rejects.toMatchObject({ code: isRefused ? 'plain-http' : 'dns' })
  })
})
