import { expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execute } from '@gitops-relay/process'
import { gitEnvironment, temporaryDirectory } from '@gitops-relay/testing'
import { readSourceIndex } from './source-index.ts'

const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const never = new AbortController().signal

async function index(checkout: string | undefined, directory: string) {
  await using workspace = await temporaryDirectory()
  const at = (...parts: string[]) => join(workspace.path, ...parts)
  await mkdir(at('app', 'lib dir'), { recursive: true })
  await writeFile(at('app', 'lib dir', 'ü.js'), 'one\ntwo\n')
  await writeFile(at('app', 'untracked.js'), '')
  if (checkout !== undefined) {
    const options = { cwd: at(checkout), env: { ...process.env, ...gitEnvironment } }
    execFileSync('git', ['init', '--quiet'], options)
    execFileSync('git', ['add', ':(glob)**/ü.js'], options)
  }
  const { tracked, lines, base } = await readSourceIndex(workspace.path, at(directory), execute, env, never)
  const paths = [...tracked()]
  return { paths, base, lines: paths.map(path => lines(path)) }
}

test.each<[what: string, checkout: string | undefined, directory: string, base: string]>([
  ['the workspace is the checkout', '.', '.', ''],
  ['the workspace is the checkout, the project is below', '.', 'app', 'app'],
  ['the checkout is below the workspace', 'app', 'app', 'app'],
])('%s', async (_, checkout, directory, base) => {
  expect(await index(checkout, directory)).toEqual({
    paths: ['app/lib dir/ü.js'],
    base,
    lines: [['one', 'two']],
  })
})

test('without a checkout nothing is tracked', async () => {
  expect(await index(undefined, '.')).toEqual({ paths: [], base: '', lines: [] })
})
