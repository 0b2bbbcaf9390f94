import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { createInputReader } from '@gitops-relay/action-kit'
import { execute } from '@gitops-relay/process'
import { recordingHost, type RecordingHost } from '@gitops-relay/testing'
import { inputs, readInputs } from './inputs.ts'
import { build } from './main.ts'
import { openWorkbench } from './workbench.ts'

/** A project in a workspace of its own, on the machine's real tools. */
async function project(files: Record<string, string>) {
  const host = await recordingHost({
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], INPUT_X: 'hidden' },
  })
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(host.workspace, file)), { recursive: true })
    await writeFile(join(host.workspace, file), text)
  }
  return host
}

async function run(
  host: RecordingHost,
  values: Record<string, string> = {},
  signal = new AbortController().signal,
) {
  const wanted = readInputs(createInputReader(inputs, values, host.workspace), host)
  return build(wanted, host, openWorkbench(host, wanted, signal))
}

const git = async (host: RecordingHost, ...args: string[]) =>
  execute(['git', ...args], { cwd: host.workspace, env: { PATH: process.env['PATH'] ?? '' } })
const npm = (script: string) => JSON.stringify({ name: 'a', version: '1.0.0', scripts: { build: script } })
const WRITE = `node -e "fs.mkdirSync('dist');fs.writeFileSync('dist/a.txt','made')"`

describe('a project is built with what it has', () => {
  test('npm: its files under one digest, which another machine has too', async () => {
    await using first = await project({ 'package.json': npm(WRITE) })
    await using second = await project({ 'package.json': npm(WRITE), 'notes.md': 'x' })
    const [one, two] = [await run(first), await run(second)]
    expect(one).toMatchObject({
      result: 'built',
      outputs: { 'artifact-path': '["dist/a.txt"]', 'cache-result': 'off' },
    })
    expect(one.outputs['artifact-digest']).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(two.outputs['artifact-digest']).toBe(one.outputs['artifact-digest'])
    expect(JSON.parse(String(one.outputs['toolchains']))).toEqual([
      { name: 'npm', version: expect.stringMatching(/^\d+\./), root: '.', evidence: 'package.json' },
    ])
  })

  test('a command of the user, in a working directory', async () => {
    await using host = await project({ 'app/a': '1' })
    const values = {
      toolchain: 'none',
      command: 'mkdir out\necho "${INPUT_X-none}" > out/b',
      'working-directory': 'app',
      'artifact-path': 'out',
    }
    const outcome = await run(host, values)
    expect(outcome).toMatchObject({ result: 'built', outputs: { 'artifact-path': '["app/out/b"]' } })
  })

  test('make', async () => {
    await using host = await project({ Makefile: 'build:\n\tmkdir bin && echo x > bin/tool\n' })
    expect(await run(host)).toMatchObject({ result: 'built', outputs: { 'artifact-path': '["bin/tool"]' } })
  })

  test('nothing to build is green, and told', async () => {
    await using host = await project({ 'package.json': '{"name":"a","version":"1.0.0"}' })
    expect(await run(host)).toMatchObject({ result: 'nothing-to-build' })
    expect(host.annotations).toEqual([{ level: 'notice', text: 'npm has no build step here.' }])
  })

  test('a dry run runs nothing', async () => {
    await using host = await project({ 'package.json': npm('exit 1') })
    const outcome = await run(host, { 'dry-run': 'true' })
    expect(outcome).toMatchObject({ result: 'planned', outputs: { 'artifact-digest': undefined } })
    expect(JSON.parse(String(outcome.outputs['plan']))).toMatchObject([
      { step: 'install' },
      { step: 'build', command: 'npm run build' },
    ])
  })
})

describe('the digests change with what they cover, and with nothing else', () => {
  test('the executable bit counts for an artifact', async () => {
    await using host = await project({ a: '1' })
    const values = { toolchain: 'none', command: 'true', 'artifact-path': 'a' }
    const before = await run(host, values)
    await chmod(join(host.workspace, 'a'), 0o755)
    expect((await run(host, values)).outputs['artifact-digest']).not.toBe(before.outputs['artifact-digest'])
  })

  test('a tracked file counts for the inputs, an untracked one does not', async () => {
    await using host = await project({ a: '1' })
    await git(host, 'init', '-q')
    await git(host, 'add', 'a')
    const hash = async () => (await run(host, { toolchain: 'none', command: 'true' })).outputs['input-hash']
    const before = await hash()
    await writeFile(join(host.workspace, 'b'), '2')
    expect(await hash()).toBe(before)
    await writeFile(join(host.workspace, 'a'), '2')
    expect(await hash()).not.toBe(before)
  })
})

describe('a failure has its code, its command and its last lines', () => {
  test.each<{ command: string; code: string; says: string }>`
    command                                                | code                | says
    ${'echo why; exit 3'}                                  | ${'command-failed'} | ${'exit code 3'}
    ${'kill -TERM $$'}                                     | ${'command-failed'} | ${'SIGTERM'}
    ${'echo "write: No space left on device" >&2; exit 1'} | ${'disk-full'}      | ${'disk is full'}
  `('$command', async ({ command, code, says }) => {
    await using host = await project({ a: '1' })
    const { result, failure, summary } = await run(host, { toolchain: 'none', command })
    expect(result).toBe('failed')
    expect(failure).toMatchObject({ code, message: expect.stringContaining(says) })
    if (command.includes('why')) expect(summary).toContain('why')
  })

  test('a glob that matches nothing', async () => {
    await using host = await project({ a: '1' })
    const { failure } = await run(host, { toolchain: 'none', command: 'true', 'artifact-path': 'dist/**' })
    expect(failure).toMatchObject({ code: 'no-artifact' })
  })

  test('a tool that is not there names the step that brings it', async () => {
    await using host = await recordingHost({ env: { PATH: '/nowhere' } })
    await writeFile(join(host.workspace, 'go.mod'), 'module a\n')
    await expect(run(host)).rejects.toMatchObject({
      code: 'toolchain-missing',
      remedy: expect.stringContaining('actions/setup-go'),
    })
  })

  test("a fork's code with secrets at hand", async () => {
    await using host = await recordingHost({ run: { event: 'pull_request_target', untrusted: true } })
    await expect(run(host)).rejects.toMatchObject({ code: 'untrusted-checkout' })
  })
})
