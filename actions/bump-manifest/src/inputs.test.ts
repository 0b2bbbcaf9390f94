import { describe, expect, test } from '@jest/globals'
import { recordingHost } from '@gitops-relay/testing'
import { createInputReader } from '../../../packages/action-kit/src/input-reader.ts'
import { inputs, readInputs } from './inputs.ts'

const digest = `sha256:${'a'.repeat(64)}`
const given = {
  repository: 'acme/config',
  token: 'ghs_run',
  'source-token': 'ghs_run',
  files: 'a.yaml',
  image: 'reg.example/shop:1',
}

async function read(change: Record<string, string> = {}) {
  await using host = await recordingHost()
  return readInputs(createInputReader(inputs, { ...given, ...change }, host.workspace), host)
}

test('the defaults are those of action.yml', async () => {
  expect(await read()).toMatchObject({
    repository: { url: 'https://github.com/acme/config' },
    branch: '',
    token: 'ghs_run',
    ifNewer: 'skip',
    source: { repository: 'acme/shop', commit: '1'.repeat(40) },
    message: '',
    author: { name: 'github-actions[bot]' },
    timeout: 300_000,
    dryRun: false,
  })
})

describe('image, tag and digest', () => {
  test.each<{ change: Record<string, string>; update: Record<string, string> }>`
    change                                       | update
    ${{}}                                        | ${{ repository: 'reg.example/shop', tag: '1' }}
    ${{ tag: '2' }}                              | ${{ repository: 'reg.example/shop', tag: '2' }}
    ${{ image: 'localhost:5000/a/b', digest }}   | ${{ repository: 'localhost:5000/a/b', digest }}
    ${{ image: `reg.example/shop:1@${digest}` }} | ${{ repository: 'reg.example/shop', tag: '1', digest }}
    ${{ match: 'app' }}                          | ${{ repository: 'reg.example/shop', tag: '1', match: 'app' }}
  `('$change', async ({ change, update }) => {
    const { updates } = await read(change)
    expect(updates[0]?.update).toEqual({ kind: 'image', ...update })
  })
})

test('updates keep text as written and values with their type', async () => {
  const updates = `
- {file: a.yaml, image: reg.example/shop, tag: 1.10, expect: any}
- {files: [./b/*.yaml, "!b/c.yaml"], path: n, value: 3}
- {files: b, path: n, value: "3", document: kind=A}
- {files: b, path: n, value: yes}
- {files: b, path: n, value: 1.10}
`
  expect((await read({ files: '', image: '', updates })).updates).toEqual([
    {
      update: { kind: 'image', repository: 'reg.example/shop', tag: '1.10' },
      patterns: { paths: ['a.yaml'], globs: [] },
      expect: 'any',
    },
    {
      update: { kind: 'value', path: 'n', value: { kind: 'literal', text: '3' } },
      patterns: { paths: [], globs: ['b/*.yaml', '!b/c.yaml'] },
      expect: 'some',
    },
    {
      update: { kind: 'value', path: 'n', value: { kind: 'string', text: '3' }, document: 'kind=A' },
      patterns: { paths: ['b'], globs: [] },
      expect: 'some',
    },
    {
      update: { kind: 'value', path: 'n', value: { kind: 'string', text: 'yes' } },
      patterns: { paths: ['b'], globs: [] },
      expect: 'some',
    },
    {
      update: { kind: 'value', path: 'n', value: { kind: 'literal', text: '1.10' } },
      patterns: { paths: ['b'], globs: [] },
      expect: 'some',
    },
  ])
})

const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----'
const list = (text: string) => ({ files: '', image: '', updates: text })

describe('what is wrong is refused before anything is done', () => {
  test.each<[string, Record<string, string>, string]>([
    ['no repository', { repository: '' }, 'empty-input'],
    ['a local path', { repository: '/etc' }, 'bad-repository'],
    ['a helper', { repository: 'ext::sh -c id' }, 'bad-repository'],
    ['an option', { repository: '--upload-pack=id' }, 'bad-repository'],
    ['credentials in the URL', { repository: 'https://u:p@github.com/a/b' }, 'bad-repository'],
    ['plain HTTP', { repository: 'http://git.example/a/b' }, 'plain-http'],
    ['ssh without a key', { repository: 'git@github.com:a/b.git' }, 'unauthorized'],
    [
      'ssh to a host whose keys nobody knows',
      { repository: 'ssh://git@git.example/a/b', 'ssh-key': key },
      'unknown-host',
    ],
    ['a public key', { repository: 'git@github.com:a/b.git', 'ssh-key': 'ssh-ed25519 AAAA' }, 'bad-key'],
    ['an ssh key for https', { 'ssh-key': key }, 'contradiction'],
    ['a signing key that is none', { 'signing-key': 'x' }, 'bad-key'],
    [
      'the API of another server',
      { repository: 'https://git.example/a/b', token: 'own', transport: 'api' },
      'not-github',
    ],
    ['the API without a token', { token: '', transport: 'api' }, 'unauthorized'],
    ['the API with an author', { transport: 'api', author: 'A <a@b>' }, 'contradiction'],
    ['the API with a key', { transport: 'api', 'signing-key': key }, 'contradiction'],
    [
      'verified elsewhere',
      { repository: 'https://git.example/a/b', token: 'own', 'require-verified': 'true' },
      'not-github',
    ],
    [
      'a pull request elsewhere',
      { repository: 'https://git.example/a/b', token: 'own', mode: 'pull-request' },
      'not-github',
    ],
    ['labels without pull request', { 'pull-request-labels': 'x' }, 'contradiction'],
    ['auto-merge without pull request', { 'auto-merge': 'squash' }, 'contradiction'],
    [
      'auto-merge of a draft',
      { mode: 'pull-request', 'auto-merge': 'merge', 'pull-request-draft': 'true' },
      'contradiction',
    ],
    ['a reviewer that is none', { mode: 'pull-request', 'pull-request-reviewers': 'a b' }, 'bad-value'],
    [
      'a branch of a pull request with dots',
      { mode: 'pull-request', 'pull-request-branch': 'a..b' },
      'bad-ref',
    ],
    ["the run's token for another host", { repository: 'https://git.example/a/b' }, 'token-for-other-host'],
    ['a branch that is an option', { branch: '--force' }, 'bad-ref'],
    ['a branch with dots', { branch: 'a..b' }, 'bad-ref'],
    ['neither image nor path', { image: '' }, 'empty-input'],
    ['image and path', { path: 'a' }, 'contradiction'],
    ['an image without tag', { image: 'reg.example/shop' }, 'empty-input'],
    ['a tag that is none', { tag: 'a b' }, 'bad-value'],
    ['a short digest', { digest: 'sha256:abc' }, 'bad-value'],
    ['no files', { files: '' }, 'empty-input'],
    ['a way out', { files: 'a/../../b' }, 'outside-repository'],
    ['an absolute path', { files: '/a' }, 'outside-repository'],
    ['a path without value', { image: '', path: 'a' }, 'empty-input'],
    ['a broken path', { image: '', path: 'a..b', value: '1' }, 'bad-path'],
    ['a match with path', { image: '', path: 'a', value: '1', match: 'x' }, 'contradiction'],
    ['expect zero', { expect: '0' }, 'bad-value'],
    ['a message of two lines', { 'commit-message': 'a\nChange-Id: x' }, 'bad-value'],
    ['an unknown placeholder', { 'commit-message': '{what}' }, 'bad-value'],
    ['a trailer of our own', { trailers: 'change-id: x' }, 'bad-value'],
    ['a trailer without colon', { trailers: 'hello' }, 'bad-value'],
    ['an author without mail', { author: 'me' }, 'bad-value'],
    ['a short source commit', { 'source-commit': 'abc' }, 'bad-value'],
    ['updates beside image', { updates: '- {}' }, 'contradiction'],
    ['updates that are no list', list('a: b'), 'bad-updates'],
    ['updates that are no YAML', list('- {'), 'bad-updates'],
    ['an unknown key', list('- {files: a, image: b:1, tagg: 2}'), 'unknown-key'],
    ['a policy without a namespace', list('- {files: a, image: b:1, policy: p}'), 'bad-value'],
    ['a policy and a match', list('- {files: a, image: b:1, policy: ns:p, match: c}'), 'contradiction'],
    ['a policy of a path', list('- {files: a, path: b, value: 1, policy: ns:p}'), 'contradiction'],
    ['an empty tag', list('- {files: a, image: b, tag: }'), 'empty-input'],
    ['a list as value', list('- {files: a, path: b, value: [1]}'), 'bad-updates'],
  ])('%s', async (_, change, code) => {
    await expect(read(change)).rejects.toMatchObject({ name: 'UserError', code })
  })
})

test('a token that was given goes to another host', async () => {
  expect(await read({ repository: 'https://git.example/a/b', token: 'own' })).toMatchObject({ token: 'own' })
})

describe('how the commit gets there', () => {
  test.each<[string, Record<string, string>, string]>([
    ['by git', {}, 'git'],
    ['by the API where GitHub is to verify', { 'require-verified': 'true' }, 'api'],
    ['by git where a key signs', { 'require-verified': 'true', 'signing-key': key }, 'git'],
    ['by git as wished', { 'require-verified': 'true', transport: 'git' }, 'git'],
    ['by the API for an ssh URL', { repository: 'git@github.com:a/b.git', transport: 'api' }, 'api'],
  ])('%s', async (_, change, transport) => {
    expect(await read(change)).toMatchObject({ transport })
  })

  test('over ssh with a key, no token goes along to another host', async () => {
    const ssh = {
      repository: 'ssh://git@git.example/a/b',
      'ssh-key': key,
      'ssh-known-hosts': 'git.example ssh-ed25519 AAAA',
    }
    expect(await read(ssh)).toMatchObject({ token: undefined, ssh: { key: `${key}\n` } })
  })
})
