import { describe, expect, test } from '@jest/globals'
import { proxyFor } from './proxy.ts'

describe('the proxy of an address', () => {
  test.each<{ url: string; env: Record<string, string>; proxy: string | undefined }>`
    url                   | env                                                             | proxy
    ${'https://a.test'}   | ${{}}                                                           | ${undefined}
    ${'https://a.test'}   | ${{ HTTPS_PROXY: 'http://p:1' }}                                | ${'http://p:1/'}
    ${'https://a.test'}   | ${{ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://p:1' }} | ${'http://p:1/'}
    ${'https://a.test'}   | ${{ HTTP_PROXY: 'http://p:1' }}                                 | ${'http://p:1/'}
    ${'http://a.test'}    | ${{ HTTPS_PROXY: 'http://p:1' }}                                | ${undefined}
    ${'https://a.test'}   | ${{ https_proxy: 'p:3128' }}                                    | ${'http://p:3128/'}
    ${'http://127.0.0.1'} | ${{ http_proxy: 'http://p:1' }}                                 | ${undefined}
    ${'https://[::1]'}    | ${{ http_proxy: 'http://p:1' }}                                 | ${undefined}
    ${'http://localhost'} | ${{ http_proxy: 'http://p:1' }}                                 | ${undefined}
  `('$url with $env', ({ url, env, proxy }) => {
    expect(proxyFor(new URL(url), env)?.href).toBe(proxy)
  })

  test('is refused in a sentence where it is none', () => {
    const env = { HTTPS_PROXY: 'socks5://p:1' }
    expect(() => proxyFor(new URL('https://a.test'), env)).toThrow('correct the variable')
  })
})

describe('no_proxy', () => {
  test.each<{ url: string; list: string; isUsed: boolean }>`
    url                        | list                  | isUsed
    ${'https://a.test'}        | ${'*'}                | ${false}
    ${'https://a.test'}        | ${'b.test, A.test'}   | ${false}
    ${'https://x.a.test'}      | ${'a.test'}           | ${false}
    ${'https://x.a.test'}      | ${'.a.test'}          | ${false}
    ${'https://x.a.test'}      | ${'*.a.test'}         | ${false}
    ${'https://xa.test'}       | ${'a.test'}           | ${true}
    ${'https://a.test:8443'}   | ${'a.test:8443'}      | ${false}
    ${'https://a.test'}        | ${'a.test:443'}       | ${false}
    ${'https://a.test'}        | ${'a.test:8443'}      | ${true}
    ${'https://10.1.2.3'}      | ${'10.1.2.3'}         | ${false}
    ${'https://10.1.2.3:5000'} | ${'10.1.2.3:5000'}    | ${false}
    ${'https://10.1.2.3'}      | ${'10.0.0.0/8'}       | ${false}
    ${'https://11.1.2.3'}      | ${'10.0.0.0/8'}       | ${true}
    ${'https://[fd00::7]'}     | ${'fd00::/8'}         | ${false}
    ${'https://[fd00::7]'}     | ${'10.0.0.0/8'}       | ${true}
    ${'https://10.1.2.3'}      | ${'10.0.0.0/99 ,,::'} | ${true}
  `('$list for $url', ({ url, list, isUsed }) => {
    expect(proxyFor(new URL(url), { https_proxy: 'http://p:1', no_proxy: list }) !== undefined).toBe(isUsed)
  })
})
