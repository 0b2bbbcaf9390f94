import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { execute } from '@gitops-relay/process'
import { temporaryDirectory } from '@gitops-relay/testing'

const workflow = `name: sample
on: workflow_dispatch
jobs:
  one: { name: The first, runs-on: x, steps: [{ run: 'echo "\${{ inputs.who }} \${{ vars.V }} \${{ secrets.KEY }} \${{ github.event_name }}"; test "$(printf %s "\${{ secrets.KEY }}" | wc -c)" = 9' }] }
  two: { runs-on: x, needs: one, steps: [{ run: exit 1 }] }
`

async function cli(options: string[], text = workflow) {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'w.yml'), text)
  for (const args of [
    ['init', '-q'],
    ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x'],
  ])
    execFileSync('git', args, { cwd: directory.path })
  const argv = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'cli.ts'),
    ...options,
  ] as const
  const env = { PATH: process.env['PATH'] ?? '', KEY: 'canary-01', TMPDIR: directory.path }
  const { status, stdout, stderr } = await execute(argv, { cwd: directory.path, env })
  return { status, stdout, stderr: stderr.replaceAll(directory.path, '') }
}

test('one job with what it is given; the secret may come from the environment, and is masked', async () => {
  const given = ['--input', 'who=me', '--var', 'V=v', '--secret', 'KEY', '--event', 'workflow_dispatch']
  const { status, stdout } = await cli(['w.yml', '--job', 'one', '--verbose', ...given])
  expect([status, stdout]).toEqual([0, expect.stringContaining('me v *** workflow_dispatch')])
  expect((await cli(['w.yml', ...given])).status).toBe(1)
})

test('the jobs are listed', async () => {
  expect((await cli(['w.yml', '--list'])).stdout).toBe('one  The first\ntwo\n')
})

test.each<{ options: string[]; text?: string; sentence: string }>([
  { options: [], sentence: 'Name one workflow file' },
  { options: ['none.yml'], sentence: 'There is no workflow /none.yml.' },
  { options: ['w.yml', '--job', 'three'], sentence: 'There is no job "three". Write one of: one, two.' },
  { options: ['w.yml', '--secret', 'NONE'], sentence: '--secret is "NONE". Write name=value' },
  { options: ['w.yml', '--loud'], sentence: "Unknown option '--loud'" },
  { options: ['w.yml'], text: 'on: push\njobs: { a: { steps: [] } }\n', sentence: '/w.yml:2:12: ' },
])('$options is refused with a sentence: $sentence', async ({ options, text, sentence }) => {
  const { status, stderr } = await cli(options, text)
  expect([status, stderr]).toEqual([2, expect.stringContaining(sentence)])
})
