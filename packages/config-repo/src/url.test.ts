import { describe, expect, test } from '@jest/globals'
import { branchName, repositoryUrl } from './url.ts'

const github = 'https://github.com'
const own = 'http://127.0.0.1:8080'

test.each<[string, string, { url: string; scheme: string; host: string }]>([
  ['acme/config', github, { url: 'https://github.com/acme/config', scheme: 'https', host: 'github.com' }],
  ['acme/config', own, { url: `${own}/acme/config`, scheme: 'http', host: '127.0.0.1:8080' }],
  ['acme/config', '', { url: 'https://github.com/acme/config', scheme: 'https', host: 'github.com' }],
  [
    'https://Git.Example/a/b.git',
    github,
    { url: 'https://Git.Example/a/b.git', scheme: 'https', host: 'git.example' },
  ],
  [
    'http://git.internal/a/b',
    'http://git.internal',
    { url: 'http://git.internal/a/b', scheme: 'http', host: 'git.internal' },
  ],
  [
    'http://localhost:3000/a',
    github,
    { url: 'http://localhost:3000/a', scheme: 'http', host: 'localhost:3000' },
  ],
  ['file:///srv/config.git', github, { url: 'file:///srv/config.git', scheme: 'file', host: '' }],
  ['git@github.com:a/b.git', github, { url: 'git@github.com:a/b.git', scheme: 'ssh', host: 'github.com' }],
  [
    'ssh://git@git.example:22/a/b',
    github,
    { url: 'ssh://git@git.example:22/a/b', scheme: 'ssh', host: 'git.example:22' },
  ],
])('%s on %s', (text, server, url) => {
  expect(repositoryUrl(text, server)).toEqual(url)
})

describe('refused', () => {
  test.each([
    'config',
    '',
    '../config',
    'a/..',
    '/srv/config',
    './config',
    'C:\\config',
    'ext::sh -c id',
    '-oProxyCommand=id',
    'ssh://-oProxyCommand=id/a',
    'git@host:-x',
    'https://user@git.example/a',
    'https://u:p@git.example/a',
    'https://git.example/a?b',
    'https://git.example/a#b',
    'https://git.example/a\nb',
    'http://git.example/a',
    'http://127.0.0.1.evil.example/a',
    'ftp://git.example/a',
    'file://host/a',
  ])('%j', text => {
    expect(() => repositoryUrl(text, github)).toThrow(expect.objectContaining({ name: 'UserError' }))
  })

  test('without showing a password', () => {
    expect(() => repositoryUrl('https://u:s3cr3t@git.example/a', github)).toThrow(/^(?!.*s3cr3t)/)
  })
})

test.each([
  ['main', 'main'],
  ['refs/heads/release/1.x', 'release/1.x'],
  ['a@b', 'a@b'],
])('branch %s is %s', (text, name) => {
  expect(branchName(text)).toBe(name)
})

test.each([
  '-x',
  '/x',
  'x/',
  'a b',
  'a..b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'a//b',
  '.a',
  'a/.b',
  'a.',
  'a.lock',
  '@',
  'a@{1}',
  'refs/tags/x',
  'a\n',
])('branch %j is refused', text => {
  expect(() => branchName(text)).toThrow(expect.objectContaining({ code: 'bad-ref' }))
})
