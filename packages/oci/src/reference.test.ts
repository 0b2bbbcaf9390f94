import { describe, expect, test } from '@jest/globals'
import { formatReference, isDigest, parseReference, sameRepository } from './reference.ts'

const sha = `sha256:${'0a'.repeat(32)}`

describe('a reference has registry, repository, tag and digest', () => {
  test.each<{ text: string; long: string }>`
    text                              | long
    ${'alpine'}                       | ${'docker.io/library/alpine'}
    ${'alpine:3.20'}                  | ${'docker.io/library/alpine:3.20'}
    ${'acme/shop'}                    | ${'docker.io/acme/shop'}
    ${'docker.io/alpine'}             | ${'docker.io/library/alpine'}
    ${'index.docker.io/acme/shop'}    | ${'docker.io/acme/shop'}
    ${'ghcr.io/acme/shop:v1'}         | ${'ghcr.io/acme/shop:v1'}
    ${'GHCR.io/acme/shop'}            | ${'ghcr.io/acme/shop'}
    ${'localhost/shop'}               | ${'localhost/shop'}
    ${'localhost:5000/shop'}          | ${'localhost:5000/shop'}
    ${'reg:5000/a/b:1'}               | ${'reg:5000/a/b:1'}
    ${'127.0.0.1:5000/a'}             | ${'127.0.0.1:5000/a'}
    ${'[::1]:5000/a:1'}               | ${'[::1]:5000/a:1'}
    ${`ghcr.io/a/b@${sha}`}           | ${`ghcr.io/a/b@${sha}`}
    ${`ghcr.io/a/b:1@${sha}`}         | ${`ghcr.io/a/b:1@${sha}`}
    ${'ghcr.io/a/b__c/d--e/f.g:A_-.'} | ${'ghcr.io/a/b__c/d--e/f.g:A_-.'}
  `('$text', ({ text, long }) => {
    expect(formatReference(parseReference(text))).toBe(long)
    expect(parseReference(long)).toEqual(parseReference(text))
  })
})

describe('what is none is refused with what to write', () => {
  test.each<{ text: string; remedy: string }>`
    text                              | remedy
    ${''}                             | ${'registry/path:tag'}
    ${'ghcr.io/'}                     | ${'registry/path:tag'}
    ${'ghcr.io/Acme/shop'}            | ${'lower case'}
    ${'ghcr.io/a//b'}                 | ${'lower-case letters'}
    ${'ghcr.io/a/-b'}                 | ${'lower-case letters'}
    ${'ghcr.io/a/../b'}               | ${'lower-case letters'}
    ${'ghcr.io/a/b:'}                 | ${'128 letters'}
    ${`ghcr.io/a:${'x'.repeat(129)}`} | ${'128 letters'}
    ${'ghcr.io/a:-b'}                 | ${'128 letters'}
    ${'ghcr.io/a@sha256:12'}          | ${'64 hexadecimal'}
    ${`ghcr.io/a@${sha}@${sha}`}      | ${'repository[:tag][@digest]'}
    ${'https://ghcr.io/a'}            | ${'host[:port]'}
    ${'ghcr.io/a b'}                  | ${'lower-case letters'}
    ${'ghcr.io/a:1\nb'}               | ${'128 letters'}
  `('$text', ({ text, remedy }) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ code: 'bad-reference', remedy: expect.stringContaining(remedy) }),
    )
  })
})

test('one repository has many names', () => {
  expect(sameRepository(parseReference('alpine:1'), parseReference('docker.io/library/alpine@' + sha))).toBe(
    true,
  )
  expect(sameRepository(parseReference('ghcr.io/a/b'), parseReference('quay.io/a/b'))).toBe(false)
})

test('a digest has the length and case of its algorithm', () => {
  expect(isDigest(sha)).toBe(true)
  expect(isDigest(sha.toUpperCase())).toBe(false)
  expect(isDigest(sha.slice(0, -1))).toBe(false)
  expect(isDigest(`sha512:${'0a'.repeat(64)}`)).toBe(true)
})
