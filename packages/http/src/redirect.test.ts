import { describe, expect, test } from '@jest/globals'
import { redirected } from './redirect.ts'
import type { HttpRequest, HttpResponse } from './types.ts'

const answer = (status: number, location?: string): HttpResponse => ({
  status,
  headers: new Headers(location === undefined ? {} : { location }),
  url: '',
  bytes: () => Promise.resolve(new Uint8Array()),
  text: () => Promise.resolve(''),
  json: () => Promise.resolve(undefined),
  stream: async function* () {},
  discard: () => Promise.resolve(),
})
const from = new URL('https://a.test/one')

describe('what follows a redirect', () => {
  test.each<{ status: number; method: HttpRequest['method']; follows: string | undefined; body: boolean }>`
    status | method      | follows      | body
    ${200} | ${'GET'}    | ${undefined} | ${false}
    ${304} | ${'GET'}    | ${undefined} | ${false}
    ${301} | ${'GET'}    | ${'GET'}     | ${false}
    ${302} | ${'HEAD'}   | ${'HEAD'}    | ${false}
    ${303} | ${'HEAD'}   | ${'HEAD'}    | ${false}
    ${302} | ${'POST'}   | ${'GET'}     | ${false}
    ${302} | ${'PUT'}    | ${'PUT'}     | ${true}
    ${303} | ${'PUT'}    | ${'GET'}     | ${false}
    ${307} | ${'POST'}   | ${'POST'}    | ${true}
    ${308} | ${'DELETE'} | ${'DELETE'}  | ${true}
  `('$status to $method', ({ status, method = 'GET', follows, body }) => {
    const headers = { 'content-type': 'text/plain' }
    const isWrite = method !== 'GET' && method !== 'HEAD'
    const request: HttpRequest = { url: from, method, ...(isWrite ? { body: 'x', headers } : {}) }
    const next = redirected(request, from, answer(status, '/two'))
    expect(next?.method).toBe(follows)
    expect(next?.body).toBe(body ? 'x' : undefined)
    expect(next?.headers ?? {}).toEqual(body ? headers : {})
  })

  test('keeps its credential at its origin only', () => {
    const headers = { Authorization: 'secret', Cookie: 'secret', accept: '*/*' }
    const to = (location: string) => redirected({ url: from, headers }, from, answer(307, location))
    expect(to('/two')).toMatchObject({ url: new URL('https://a.test/two'), headers })
    for (const elsewhere of ['https://b.test/', 'https://a.test:8443/', '//b.a.test/'])
      expect(to(elsewhere)?.headers).toEqual({ accept: '*/*' })
  })

  test('is refused where TLS ends, or the place is none', () => {
    expect(() => redirected({ url: from }, from, answer(302, 'http://a.test/'))).toThrow('to plain http')
    expect(() => redirected({ url: from }, from, answer(302, 'https://:0:0'))).toThrow('no address')
    expect(redirected({ url: from }, from, answer(302))).toBeUndefined()
  })
})
