// What push-image pushed is read back by another client from a registry that is not ours.
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { runAction, temporaryDirectory } from '../../packages/testing/src/index.ts'
import { program, realRegistry } from './registry.ts'

const hasSkopeo = spawnSync('skopeo', ['--version']).status === 0
const withRegistry = program === undefined ? describe.skip : describe

/** What `skopeo inspect` says, which is another implementation of the protocol. */
function inspect(reference: string, ...more: string[]): Record<string, unknown> {
  const argv = ['inspect', '--tls-verify=false', ...more, `docker://${reference}`]
  const { status, stdout, stderr } = spawnSync('skopeo', argv, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Record<string, unknown> // oxlint-disable-line no-unsafe-type-assertion -- skopeo writes an object
}

async function files(workspace: string) {
  await mkdir(join(workspace, 'dist/bin'), { recursive: true })
  await writeFile(join(workspace, 'dist/bin/run'), '#!/bin/sh\n')
  await chmod(join(workspace, 'dist/bin/run'), 0o700)
  await writeFile(join(workspace, 'dist/data.txt'), 'data'.repeat(100_000))
  await symlink('bin/run', join(workspace, 'dist/start'))
}

const push = (host: string, workspace: string, inputs: Record<string, string>) =>
  runAction({
    action: 'push-image',
    inputs: { images: `${host}/acme/shop`, tags: '1.2.3\nlatest', ...inputs },
    workspace,
    env: { SOURCE_DATE_EPOCH: '1700000000' },
  })

withRegistry('distribution', () => {
  test('takes the image, again, and what was kept of it', async () => {
    await using temporary = await temporaryDirectory()
    await using target = await realRegistry(join(temporary.path, 'registry'))
    const workspace = join(temporary.path, 'workspace')
    await files(workspace)
    const layered = {
      layers: 'dist:/app',
      platforms: 'linux/amd64\nlinux/arm64',
      env: 'A=1',
      entrypoint: '["/app/start"]',
      'output-archive': 'image.tar',
    }
    await using first = await push(target.host, workspace, layered)
    expect([first.outputs['reason'], first.outputs['result']]).toEqual(['', 'pushed'])
    await using again = await push(target.host, workspace, layered)
    expect([again.outputs['result'], again.outputs['digest']]).toEqual(['exists', first.outputs['digest']])
    const images = `${target.host}/other/shop`
    await using archived = await push(target.host, workspace, { archive: 'image.tar', images })
    expect([archived.outputs['reason'], archived.outputs['digest']]).toEqual(['', first.outputs['digest']])
  }, 60_000)

  test('of a base it takes what is there already, by mount', async () => {
    await using temporary = await temporaryDirectory()
    await using target = await realRegistry(join(temporary.path, 'registry'))
    const workspace = join(temporary.path, 'workspace')
    await files(workspace)
    await using base = await push(target.host, workspace, {
      images: `${target.host}/acme/base`,
      layers: 'dist/data.txt:/etc/',
      platforms: 'linux/amd64',
    })
    expect(base.outputs['result']).toBe('pushed')
    await using above = await push(target.host, workspace, {
      'base-image': `${target.host}/acme/base:1.2.3`,
      layers: 'dist/bin:/app',
      platforms: 'linux/amd64',
    })
    expect([above.outputs['reason'], above.outputs['result']]).toEqual(['', 'pushed'])
    expect(Number(above.outputs['bytes-reused'])).toBeGreaterThan(0)
  }, 60_000)

  const withSkopeo = hasSkopeo ? test : test.skip
  withSkopeo(
    'gives it to skopeo as it was asked for',
    async () => {
      await using temporary = await temporaryDirectory()
      await using target = await realRegistry(join(temporary.path, 'registry'))
      const workspace = join(temporary.path, 'workspace')
      await files(workspace)
      const inputs = {
        layers: 'dist:/app',
        platforms: 'linux/amd64',
        env: 'A=1',
        user: '1000',
        workdir: '/app',
        entrypoint: '["/app/start"]',
      }
      await using run = await push(target.host, workspace, inputs)
      expect(run.outputs['reason']).toBe('')
      const reference = `${target.host}/acme/shop:1.2.3`
      expect(inspect(reference)).toMatchObject({ Digest: run.outputs['digest'], Os: 'linux' })
      expect(inspect(reference, '--config')).toMatchObject({
        config: { Env: ['A=1'], User: '1000', WorkingDir: '/app', Entrypoint: ['/app/start'] },
      })
      const copy = join(temporary.path, 'copy')
      await mkdir(copy)
      const copied = spawnSync('skopeo', [
        'copy',
        '-q',
        '--src-tls-verify=false',
        `docker://${reference}`,
        `dir:${copy}`,
      ])
      expect(copied.status).toBe(0)
      const { Layers }: { Layers?: string[] } = inspect(reference)
      const layer = Layers?.[0]?.slice('sha256:'.length) ?? ''
      const listed = spawnSync('tar', ['-tvzf', join(copy, layer), '--utc', '--numeric-owner'], {
        encoding: 'utf8',
      })
      expect(
        listed.stdout
          .trim()
          .split('\n')
          .map(line => line.replaceAll(/ +/g, ' ')),
      ).toEqual([
        'drwxr-xr-x 0/0 0 2023-11-14 22:13 app/',
        'drwxr-xr-x 0/0 0 2023-11-14 22:13 app/bin/',
        '-rwxr-xr-x 0/0 10 2023-11-14 22:13 app/bin/run',
        '-rw-r--r-- 0/0 400000 2023-11-14 22:13 app/data.txt',
        'lrwxrwxrwx 0/0 0 2023-11-14 22:13 app/start -> bin/run',
      ])
    },
    60_000,
  )

  test('asks for a login, and the refusal says so', async () => {
    await using temporary = await temporaryDirectory()
    await using target = await realRegistry(join(temporary.path, 'registry'), 'nobody:x\n')
    const workspace = join(temporary.path, 'workspace')
    await files(workspace)
    await using run = await push(target.host, workspace, { layers: 'dist:/app' })
    expect(run.outputs['reason']).toMatch(/^registry-denied: /)
  }, 60_000)
})
