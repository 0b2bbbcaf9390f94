import { describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execute } from '@gitops-relay/process'
import { temporaryDirectory } from '@gitops-relay/testing'
import { openProject } from '@gitops-relay/toolchains'
import { detectTests, packageScripts } from './detect.ts'

const manifest = (rest: object = {}) => JSON.stringify({ scripts: { test: 'node --test' }, ...rest })

async function detect(files: Record<string, string>, toolchains = ['auto']) {
  await using directory = await temporaryDirectory()
  for (const [path, text] of Object.entries(files)) await writeFile(join(directory.path, path), text)
  const project = await openProject(directory.path, execute, { PATH: process.env['PATH'] ?? '' })
  return await detectTests(project, { directory: directory.path, toolchains })
}

describe('the package manager is the one that the project names', () => {
  test.each<[what: string, files: Record<string, string>, toolchains: string[], command: string]>([
    ['nothing but a manifest', { 'package.json': manifest() }, ['auto'], 'npm run test'],
    ['a lock file', { 'package.json': manifest(), 'pnpm-lock.yaml': '' }, ['auto'], 'pnpm run test'],
    [
      'two of npm',
      { 'package.json': manifest(), 'package-lock.json': '', 'npm-shrinkwrap.json': '' },
      ['auto'],
      'npm run test',
    ],
    [
      'a field',
      { 'package.json': manifest({ packageManager: 'pnpm@10.1.0' }), 'package-lock.json': '' },
      ['auto'],
      'pnpm run test',
    ],
    [
      'the input',
      { 'package.json': manifest(), 'package-lock.json': '', 'pnpm-lock.yaml': '' },
      ['npm'],
      'npm run test',
    ],
  ])('%s', async (_, files, toolchains, command) => {
    expect((await detect(files, toolchains)).map(({ argv }) => argv.join(' '))).toEqual([command])
  })
})

describe('nothing is guessed', () => {
  test.each<[what: string, files: Record<string, string>, toolchains: string[], code: string]>([
    [
      'two lock files',
      { 'package.json': manifest(), 'package-lock.json': '', 'pnpm-lock.yaml': '' },
      ['auto'],
      'ambiguous-toolchain',
    ],
    ['no manifest', {}, ['auto'], 'no-toolchain'],
    ['a broken manifest', { 'package.json': '{' }, ['auto'], 'bad-package'],
    ['no script', { 'package.json': manifest({ scripts: { build: 'tsc' } }) }, ['auto'], 'no-toolchain'],
    [
      'the script of npm init',
      { 'package.json': manifest({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }) },
      ['auto'],
      'no-toolchain',
    ],
    ['a toolchain that is none', { 'package.json': manifest() }, ['rake'], 'unknown-toolchain'],
    ['one that is not here', { 'package.json': manifest() }, ['go'], 'no-toolchain'],
    ['one that cannot be driven yet', { 'Cargo.toml': '' }, ['auto'], 'not-yet'],
    ['one whose tests cannot', { 'package.json': manifest(), 'go.mod': '' }, ['auto'], 'not-yet'],
    ['none', { 'package.json': manifest() }, ['none'], 'no-toolchain'],
  ])('%s', async (_, files, toolchains, code) => {
    await expect(detect(files, toolchains)).rejects.toMatchObject({ code })
  })
})

test('scripts are texts, whatever else stands there', async () => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'package.json'), '{"scripts":{"test":"a","x":3}}')
  expect(await packageScripts(directory.path)).toEqual(['a'])
})
