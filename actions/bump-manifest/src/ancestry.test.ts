import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { execute } from '@gitops-relay/process'
import { gitEnvironment, temporaryDirectory } from '@gitops-relay/testing'
import { workspaceAncestry } from './ancestry.ts'

/** first ← second ← third, and a side branch off the first. */
async function history(directory: string) {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: directory, env: gitEnvironment, encoding: 'utf8' }).trim()
  await mkdir(directory)
  git('init', '--quiet', '--initial-branch=main')
  const commit = (message: string) => {
    git('commit', '--quiet', '--allow-empty', '--message', message)
    return git('rev-parse', 'HEAD')
  }
  const [first, second, third] = [commit('1'), commit('2'), commit('3')]
  git('checkout', '--quiet', '-b', 'side', first)
  return { first, second, third, side: commit('side') }
}

describe('the clone in the workspace tells which commit is older', () => {
  const nowhere = 'f'.repeat(40)
  test.each<
    [
      string,
      keyof Awaited<ReturnType<typeof history>> | 'nowhere',
      keyof Awaited<ReturnType<typeof history>>,
      boolean | undefined,
    ]
  >([
    ['its ancestor', 'first', 'third', true],
    ['its descendant', 'third', 'first', false],
    ['a sibling', 'side', 'third', false],
    ['a commit that is not here', 'nowhere', 'third', undefined],
  ])('%s', async (_, older, newer, answer) => {
    await using directory = await temporaryDirectory()
    const commits = { ...(await history(`${directory.path}/work`)), nowhere }
    const isAncestor = workspaceAncestry({
      workspace: `${directory.path}/work`,
      home: directory.path,
      env: { PATH: process.env['PATH'] ?? '' },
      execute,
    })
    expect(await isAncestor(commits[older], commits[newer], new AbortController().signal)).toBe(answer)
  })

  test('beyond the edge of a shallow clone nobody knows', async () => {
    await using directory = await temporaryDirectory()
    const { first, third } = await history(`${directory.path}/work`)
    execFileSync(
      'git',
      ['clone', '--quiet', '--depth=1', '--branch=main', `file://${directory.path}/work`, 'shallow'],
      { cwd: directory.path, env: gitEnvironment },
    )
    const isAncestor = workspaceAncestry({
      workspace: `${directory.path}/shallow`,
      home: directory.path,
      env: { PATH: process.env['PATH'] ?? '' },
      execute,
    })
    expect(await isAncestor(first, third, new AbortController().signal)).toBeUndefined()
  })

  test('nor where there is no clone', async () => {
    await using directory = await temporaryDirectory()
    const isAncestor = workspaceAncestry({
      workspace: directory.path,
      home: directory.path,
      env: { PATH: process.env['PATH'] ?? '' },
      execute,
    })
    expect(await isAncestor('1'.repeat(40), '2'.repeat(40), new AbortController().signal)).toBeUndefined()
  })
})
