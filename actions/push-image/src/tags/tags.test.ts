import { describe, expect, test } from '@jest/globals'
import { readFlavor } from './flavor.ts'
import type { TagFacts } from './placeholders.ts'
import { mostSpecific, tagsOf } from './tags.ts'

const SHA = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334'
const on = (
  event: string,
  refType: 'branch' | 'tag' | '',
  refName: string,
  more: Partial<TagFacts> = {},
): TagFacts => ({
  event,
  refType,
  refName,
  pullRequest: undefined,
  sourceCommit: SHA,
  defaultBranch: 'main',
  payload: {},
  now: Date.UTC(2026, 0, 2, 23, 4, 5),
  committed: 1_700_000_000_000,
  versions: [],
  ...more,
})
const main = on('push', 'branch', 'main')
const topic = on('push', 'branch', 'feat/a b')
const release = on('push', 'tag', 'v1.2.3')
const candidate = on('push', 'tag', 'v1.2.3-rc.1')
const pull = on('pull_request', '', '7/merge', {
  pullRequest: 7,
  payload: { pull_request: { base: { ref: 'develop' } } },
})
const night = on('schedule', 'branch', 'main')
const names = (lines: string[], facts: TagFacts, flavor: string[] = []) =>
  tagsOf(lines, readFlavor(flavor), facts)
    .map(({ name }) => name)
    .join(' ')

describe('the tags of an event for which no rule is written', () => {
  test.each<{ facts: TagFacts; tags: string; best: string }>`
    facts                                                                 | tags                          | best
    ${main}                                                               | ${'main sha-a1b2c3d'}         | ${'sha-a1b2c3d'}
    ${topic}                                                              | ${'feat-a-b sha-a1b2c3d'}     | ${'sha-a1b2c3d'}
    ${release}                                                            | ${'1.2.3 sha-a1b2c3d latest'} | ${'1.2.3'}
    ${candidate}                                                          | ${'1.2.3-rc.1 sha-a1b2c3d'}   | ${'1.2.3-rc.1'}
    ${on('push', 'tag', 'stable')}                                        | ${'stable sha-a1b2c3d'}       | ${'sha-a1b2c3d'}
    ${pull}                                                               | ${'pr-7 sha-a1b2c3d'}         | ${'sha-a1b2c3d'}
    ${night}                                                              | ${'nightly sha-a1b2c3d'}      | ${'sha-a1b2c3d'}
    ${{ ...release, versions: ['v1.10.0', 'v2.0.0-rc.1'] }}               | ${'1.2.3 sha-a1b2c3d'}        | ${'1.2.3'}
    ${{ ...release, versions: ['v1.2.3', 'v1.1.9', 'v2.0.0-rc.1', 'x'] }} | ${'1.2.3 sha-a1b2c3d latest'} | ${'1.2.3'}
  `('$facts.event $facts.refName: $tags', ({ facts, tags, best }) => {
    expect(names([], facts)).toBe(tags)
    expect(mostSpecific(tagsOf([], readFlavor([]), facts))?.name).toBe(best)
  })
})

describe('a rule, as docker/metadata-action documents it', () => {
  test.each<{ rule: string; facts: TagFacts; tags: string }>`
    rule                                                       | facts                                  | tags
    ${'v1'}                                                    | ${main}                                | ${'v1'}
    ${'type=raw,value=1.10'}                                   | ${main}                                | ${'1.10'}
    ${'type=raw,value=x,prefix=a-,suffix=-b'}                  | ${main}                                | ${'a-x-b'}
    ${'type=sha,format=long,prefix='}                          | ${main}                                | ${SHA}
    ${'type=raw,value=-.x'}                                    | ${main}                                | ${'x'}
    ${'type=semver,pattern={{version}}'}                       | ${release}                             | ${'1.2.3 latest'}
    ${'type=semver,pattern={{major}}.{{minor}}'}               | ${release}                             | ${'1.2 latest'}
    ${'type=semver,pattern={{major}}.{{minor}}'}               | ${candidate}                           | ${'1.2.3-rc.1'}
    ${'type=semver,pattern={{raw}}'}                           | ${candidate}                           | ${'v1.2.3-rc.1'}
    ${'type=semver,pattern=v{{ major }}'}                      | ${release}                             | ${'v1 latest'}
    ${'type=semver,pattern={{version}},value=v3.0.1+build.5'}  | ${main}                                | ${'3.0.1 latest'}
    ${'type=semver,pattern={{version}},match=app-(.*)'}        | ${on('push', 'tag', 'app-2.0.0')}      | ${'2.0.0 latest'}
    ${'type=pep440,pattern={{version}}'}                       | ${on('push', 'tag', '1.2.3rc2')}       | ${'1.2.3rc2'}
    ${'type=pep440,pattern={{version}}'}                       | ${on('push', 'tag', 'v1.2.3-beta.1')}  | ${'1.2.3b1'}
    ${'type=pep440,pattern={{major}}.{{minor}}'}               | ${on('push', 'tag', '1.2.3')}          | ${'1.2 latest'}
    ${'type=pep440,pattern={{version}}'}                       | ${on('push', 'tag', '1.2.post1.dev3')} | ${'1.2.post1.dev3'}
    ${'type=match,pattern=\\d{8}'}                             | ${on('push', 'tag', 'v20260102')}      | ${'20260102 latest'}
    ${'type=match,pattern=v(\\d+)\\.(\\d+),group=1'}           | ${release}                             | ${'1 latest'}
    ${'type=match,"pattern=/V\\d{1,3}/i"'}                     | ${release}                             | ${'v1 latest'}
    ${'type=edge'}                                             | ${main}                                | ${'edge'}
    ${'type=edge,branch=feat/a b'}                             | ${topic}                               | ${'edge'}
    ${'type=ref,event=branch'}                                 | ${topic}                               | ${'feat-a-b'}
    ${'type=ref,event=tag'}                                    | ${release}                             | ${'v1.2.3'}
    ${'type=ref,event=pr'}                                     | ${pull}                                | ${'pr-7'}
    ${'type=ref,event=pr,prefix=p'}                            | ${pull}                                | ${'p7'}
    ${"type=schedule,pattern={{date 'YYYYMMDD-HHmm'}}"}        | ${night}                               | ${'20260102-2304'}
    ${"type=raw,value={{date 'YYYYMMDDHH' tz='Asia/Tokyo'}}"}  | ${main}                                | ${'2026010308'}
    ${"type=raw,value={{commit_date 'YYYY-MM-DD[T]HHmmss'}}"}  | ${main}                                | ${'2023-11-14T221320'}
    ${"type=raw,value={{branch}}-{{sha}}-{{commit_date 'X'}}"} | ${topic}                               | ${'feat-a-b-a1b2c3d-1700000000'}
    ${'type=raw,value={{base_ref}}'}                           | ${pull}                                | ${'develop'}
    ${'type=raw,value=latest,enable={{is_default_branch}}'}    | ${main}                                | ${'latest'}
    ${'type=sha,prefix={{branch}}-'}                           | ${main}                                | ${'main-a1b2c3d'}
    ${`type=raw,value=${'y'.repeat(200)}`}                     | ${main}                                | ${expect.stringMatching(/^y{119}-[0-9a-f]{8}$/)}
  `('$rule on $facts.refName', ({ rule, facts, tags }) => {
    expect(names([rule], facts)).toEqual(tags)
  })

  test.each<{ rule: string; facts: TagFacts }>`
    rule                                                    | facts
    ${'type=semver,pattern={{version}}'}                    | ${main}
    ${'type=semver,pattern={{version}}'}                    | ${on('push', 'tag', 'v1.2')}
    ${'type=pep440,pattern={{version}}'}                    | ${on('push', 'tag', 'stable')}
    ${'type=match,pattern=x'}                               | ${release}
    ${'type=edge'}                                          | ${topic}
    ${'type=edge'}                                          | ${release}
    ${'type=ref,event=branch'}                              | ${pull}
    ${'type=ref,event=tag'}                                 | ${main}
    ${'type=schedule'}                                      | ${main}
    ${'type=raw,value=latest,enable={{is_default_branch}}'} | ${topic}
    ${'type=raw,value={{tag}}'}                             | ${main}
  `('$rule gives nothing on $facts.refName', ({ rule, facts }) => {
    expect(() => names([rule], facts)).toThrow(expect.objectContaining({ code: 'no-tags' }))
  })

  test.each([
    'type=semver',
    'type=other,value=x',
    'type=ref,event=push',
    'type=sha,format=tiny',
    'type=raw,value=x,colour=red',
    'type=raw,value=x,enable=perhaps',
    'type=raw,value=x,priority=high',
    'type=raw,value={{wat}}',
    'type=raw,value={{constructor}}',
    "type=raw,value={{date 'QQ'}}",
    "type=raw,value={{date 'YYYY' tz='Moon/Sea'}}",
    'type=match,pattern=(',
    'type=match,pattern=v,group=3',
  ])('%s is refused', rule => {
    expect(() => names([rule], release)).toThrow(expect.objectContaining({ code: 'bad-tags' }))
  })

  test('a name of a ref is no rule, whatever braces it has', () => {
    expect(names([], on('push', 'branch', '{{sha}}'))).toBe('sha- sha-a1b2c3d')
  })
})

describe('flavor and priority', () => {
  const both = ['type=sha', 'type=semver,pattern={{version}}', 'type=raw,value=x']
  test.each<{ flavor: string[]; lines: string[]; tags: string }>`
    flavor                                      | lines                                          | tags
    ${[]}                                       | ${both}                                        | ${'1.2.3 x sha-a1b2c3d latest'}
    ${['latest=false']}                         | ${both}                                        | ${'1.2.3 x sha-a1b2c3d'}
    ${['latest=true']}                          | ${['type=raw,value=x']}                        | ${'x latest'}
    ${[]}                                       | ${[...both, 'type=raw,value=a,priority=2000']} | ${'a 1.2.3 x sha-a1b2c3d'}
    ${['prefix=p-', 'suffix=-s,onlatest=true']} | ${both}                                        | ${'p-1.2.3-s p-x-s sha-a1b2c3d-s latest-s'}
    ${['prefix=p-']}                            | ${['type=raw,value=x,prefix=']}                | ${'x'}
  `('$flavor, $lines: $tags', ({ flavor, lines, tags }) => {
    expect(names(lines, release, flavor)).toBe(tags)
  })

  test.each(['latest=maybe', 'wat=1', 'latest', 'prefix=a,onlatest=x'])('%s is refused', line => {
    expect(() => readFlavor([line])).toThrow(expect.objectContaining({ code: 'bad-flavor' }))
  })
})
