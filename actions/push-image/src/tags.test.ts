import { describe, expect, test } from '@jest/globals'
import { mostSpecific, tagsOf } from './tags.ts'

const SHA = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334'
const on = (event: string, refType: 'branch' | 'tag' | '', refName: string, pullRequest?: number) => ({
  event,
  refType,
  refName,
  pullRequest,
  sourceCommit: SHA,
})

describe('the tags of an event', () => {
  test.each<{ facts: ReturnType<typeof on>; tags: string; best: string }>`
    facts                                   | tags                          | best
    ${on('push', 'branch', 'main')}         | ${'sha-a1b2c3d main'}         | ${'sha-a1b2c3d'}
    ${on('push', 'branch', 'feat/a b')}     | ${'sha-a1b2c3d feat-a-b'}     | ${'sha-a1b2c3d'}
    ${on('push', 'tag', 'v1.2.3')}          | ${'sha-a1b2c3d 1.2.3 latest'} | ${'1.2.3'}
    ${on('push', 'tag', 'v1.2.3-rc.1')}     | ${'sha-a1b2c3d 1.2.3-rc.1'}   | ${'1.2.3-rc.1'}
    ${on('push', 'tag', 'stable')}          | ${'sha-a1b2c3d stable'}       | ${'sha-a1b2c3d'}
    ${on('pull_request', '', '7/merge', 7)} | ${'sha-a1b2c3d pr-7'}         | ${'sha-a1b2c3d'}
    ${on('schedule', 'branch', 'main')}     | ${'sha-a1b2c3d nightly'}      | ${'sha-a1b2c3d'}
  `('$facts.event $facts.refName', ({ facts, tags, best }) => {
    const found = tagsOf([], facts)
    expect(found.map(({ name }) => name).join(' ')).toBe(tags)
    expect(mostSpecific(found)?.name).toBe(best)
  })
})

describe('rules', () => {
  test.each<{ rule: string; tags: string[] }>`
    rule                                      | tags
    ${'v1'}                                   | ${['v1']}
    ${'type=raw,value=1.10'}                  | ${['1.10']}
    ${'type=raw,value=x,prefix=a-,suffix=-b'} | ${['a-x-b']}
    ${'type=sha,format=long,prefix='}         | ${[SHA]}
    ${'type=raw,value=-.x'}                   | ${['x']}
    ${`type=raw,value=${'y'.repeat(200)}`}    | ${[expect.stringMatching(/^y{119}-[0-9a-f]{8}$/)]}
  `('$rule', ({ rule, tags }) => {
    expect(tagsOf([rule], on('push', 'branch', 'main')).map(({ name }) => name)).toEqual(tags)
  })
})
