import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const program = `
  import { run } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
  const inputs = {
    name: { default: 'x' },
    repository: { default: '\${{ github.repository }}' },
    token: { default: '\${{ github.token }}', secret: true },
  }
  const definition = { name: 'sample', inputs, outputs: ['result', 'reason', 'value'] }
  await run(definition, async (host, input) => {
    const [name, repository, token] = ['name', 'repository', 'token'].map(key => input.text(key))
    host.log.info('token ' + token)
    return { result: 'good', outputs: { value: name + ' ' + repository + ' ' + (token ? 'known' : 'none') }, summary: '' }
  })
`
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'terminal-'))
  await writeFile(join(directory, 'entry.mts'), program)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const start = (options: string[], env: Record<string, string> = {}) =>
  new Promise<{ failed: boolean; stdout: string }>(done => {
    const argv = ['--disable-warning=ExperimentalWarning', join(directory, 'entry.mts'), ...options]
    execFile(process.execPath, argv, { env, cwd: directory }, (error, stdout) =>
      done({ failed: error !== null, stdout }),
    )
  })

test('inputs are options, and what the runner would fill in comes from the environment', async () => {
  const bare = await start(['--name', 'y'])
  expect(bare.stdout).toContain('value=y  none\n')
  const { stdout } = await start([], { GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: 'ghs_0123456789' })
  expect(stdout).toContain('value=x acme/shop known\n')
  expect(stdout).not.toContain('ghs_0123456789')
})

test('an option that is no input is refused with those that are', async () => {
  const { failed, stdout } = await start(['--nmae', 'y'])
  expect(failed).toBe(true)
  expect(stdout).toContain('Write inputs as --name value: name, repository, token.')
})
