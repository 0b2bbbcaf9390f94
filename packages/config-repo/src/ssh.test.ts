import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { systemClock } from '@gitops-relay/http/clock'
import { execute, scrubbedEnvironment } from '@gitops-relay/process'
import { gitServer, temporaryDirectory } from '@gitops-relay/testing'
import { gitRepository, type GitRepositoryOptions } from './git-repository.ts'
import { gitHubHostKeys } from './host-keys.ts'
import { land } from './landing.ts'
import { privateKey, sshAccess, sshCommand } from './ssh.ts'
import type { Head } from './types.ts'
import { repositoryUrl } from './url.ts'
import { draft, fight } from './world.ts'

/** Stands in for ssh: writes down how it was called, and serves the repository with the real git of this machine. */
const fakeSsh = `#!/bin/sh
printf '%s\\n' "$@" > "$RECORD"
for argument; do
  case "$argument" in IdentityFile=*) echo "\${argument#*=}" | xargs stat -c %a > "$RECORD.mode";; esac
  command="$argument"
done
exec sh -c "$command"
`

async function world() {
  const server = await gitServer()
  const base = await server.createRepository('acme/config', { 'app.yaml': 'tag: 1\n' })
  const temporary = await temporaryDirectory()
  const directory = join(temporary.path, 'private room')
  const bin = join(temporary.path, 'bin')
  await Promise.all([mkdir(directory), mkdir(bin)])
  const key = join(temporary.path, 'id')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'robot', '-f', key])
  return {
    server,
    base,
    directory,
    bin,
    record: join(temporary.path, 'record'),
    key: await readFile(key, 'utf8'),
    publicKey: await readFile(`${key}.pub`, 'utf8'),
    temporary: temporary.path,
    open(url: string, more: Partial<GitRepositoryOptions> = {}, env: Record<string, string> = {}) {
      return gitRepository({
        repository: repositoryUrl(url, ''),
        branch: 'main',
        token: undefined,
        directory,
        env: { ...scrubbedEnvironment(process.env, []), ...env },
        execute,
        clock: systemClock,
        ...more,
      })
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await temporary[Symbol.asyncDispose]()
    },
  }
}

async function bump(head: Head) {
  await head.files([{ paths: ['app.yaml'] }])
  return { result: 'done', draft: draft({ 'app.yaml': 'tag: 2\n' }) }
}

test('over ssh a commit lands; the key is on disk only while git speaks, for us alone', async () => {
  await using at = await world()
  await writeFile(join(at.bin, 'ssh'), fakeSsh)
  await chmod(join(at.bin, 'ssh'), 0o755)
  const url = `ssh://git@config.example:2222${at.server.directory('acme/config')}`
  const ssh = sshAccess(repositoryUrl(url, ''), at.key, '[config.example]:2222 ssh-ed25519 AAAA')
  const env = { PATH: `${at.bin}:${process.env['PATH']}`, RECORD: at.record, SSH_AUTH_SOCK: '/nowhere' }
  const landed = await land(at.open(url, { ssh }, env), bump, fight())
  expect(landed.commit).toBe(await at.server.head('acme/config', 'main'))
  const asked = (await readFile(at.record, 'utf8')).split('\n')
  expect(asked).toEqual(
    expect.arrayContaining([
      '-F',
      '/dev/null',
      'StrictHostKeyChecking=yes',
      'IdentitiesOnly=yes',
      'BatchMode=yes',
    ]),
  )
  expect(asked).toEqual(expect.arrayContaining(['-p', '2222', 'git@config.example']))
  expect((await readFile(`${at.record}.mode`, 'utf8')).trim()).toBe('600')
  expect(await readdir(at.directory)).not.toContain('ssh-key')
})

test('the real ssh understands the options', () => {
  const settings = execFileSync('sh', ['-c', `${sshCommand('/a b/key', '/c d/known')} -G example.org`], {
    encoding: 'utf8',
  })
  expect(settings.split('\n')).toEqual(
    expect.arrayContaining([
      'identityfile /a b/key',
      'userknownhostsfile /c d/known',
      'stricthostkeychecking true',
      'identitiesonly yes',
      'batchmode yes',
    ]),
  )
})

test('a file URL works like any other', async () => {
  await using at = await world()
  const landed = await land(at.open(pathToFileURL(at.server.directory('acme/config')).href), bump, fight())
  expect(landed.commit).toBe(await at.server.head('acme/config', 'main'))
})

test('a commit is signed so that git itself finds the signature good', async () => {
  await using at = await world()
  const signingKey = privateKey(at.key, 'signing-key')
  await land(at.open(at.server.url('acme/config'), { signingKey }), bump, fight())
  const signers = join(at.temporary, 'signers')
  await writeFile(signers, `robot@test.invalid ${at.publicKey}`)
  const allowed = ['-c', `gpg.ssh.allowedSignersFile=${signers}`]
  const shown = await at.server.git('acme/config', ...allowed, 'log', '-1', '--format=%G? %GS%n%B', 'main')
  expect(shown).toMatch(/^G robot@test\.invalid\nbump\n\nChange-Id: /)
  expect(await readdir(at.directory)).not.toContain('signing-key')
})

test('a key with a passphrase is refused, and nobody is asked', async () => {
  await using at = await world()
  const path = join(at.temporary, 'locked')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', path])
  const signingKey = await readFile(path, 'utf8')
  const landing = land(at.open(at.server.url('acme/config'), { signingKey }), bump, fight())
  await expect(landing).rejects.toMatchObject({ name: 'UserError', code: 'bad-key' })
  expect(await at.server.head('acme/config', 'main')).toBe(at.base)
})

describe('what is given as key and hosts', () => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----'
  const gitHub = repositoryUrl('git@github.com:acme/config.git', '')
  const other = repositoryUrl('ssh://git@git.example/config.git', '')

  test('a key gets the ends of lines that OpenSSH wants', () => {
    expect(privateKey(`${key.replaceAll('\n', '\r\n')}\r\n\n`, 'ssh-key')).toBe(`${key}\n`)
  })

  test('for github.com its own host keys are taken', () => {
    expect(sshAccess(gitHub, key, '').knownHosts).toContain('github.com ssh-ed25519')
  })

  test('these are the keys whose fingerprints GitHub publishes', () => {
    const fingerprints = execFileSync('ssh-keygen', ['-lf', '-'], { input: gitHubHostKeys, encoding: 'utf8' })
    expect(fingerprints).toContain('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU')
    expect(fingerprints).toContain('SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM')
    expect(fingerprints).toContain('SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s')
  })

  test.each`
    what                           | code              | given
    ${'no key'}                    | ${'unauthorized'} | ${() => sshAccess(gitHub, '', '')}
    ${'a public key'}              | ${'bad-key'}      | ${() => sshAccess(gitHub, 'ssh-ed25519 AAAA robot', '')}
    ${'a key without its end'}     | ${'bad-key'}      | ${() => sshAccess(gitHub, key.slice(0, 60), '')}
    ${'another host without keys'} | ${'unknown-host'} | ${() => sshAccess(other, key, ' \n')}
  `('$what is refused', ({ code, given }) => {
    expect(given).toThrow(expect.objectContaining({ code }))
  })
})
