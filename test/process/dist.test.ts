import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { temporaryDirectory } from '@gitops-relay/testing'
import { actionNames, root } from '../../scripts/actions.ts'

const contents = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map(file => [file, readFileSync(join(directory, file), 'utf8')]),
  )

test('the committed bundles are what the sources give', async () => {
  await using out = await temporaryDirectory()
  execFileSync(process.execPath, [join(root, 'scripts', 'build.ts'), '--out', out.path], {
    cwd: root,
    stdio: 'pipe',
  })
  for (const name of actionNames) {
    const [built, committed] = [contents(join(out.path, name)), contents(join(root, 'actions', name, 'dist'))]
    expect(Object.keys(built)).toEqual(Object.keys(committed))
    const differing = Object.keys(built).filter(file => built[file] !== committed[file])
    expect([name, differing]).toEqual([name, []])
  }
}, 180_000)
