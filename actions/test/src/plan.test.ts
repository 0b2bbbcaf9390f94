import { describe, expect, test } from '@jest/globals'
import { planTests, textOf } from './plan.ts'

const inputs = {
  directory: '/w',
  toolchains: ['auto'],
  dryRun: false,
  installCommand: '',
  cache: 'restore',
  command: undefined,
  passEnv: [],
  reportPaths: [],
  minTests: 1,
  failOnFlaky: false,
  annotations: true,
} as const
const npm = (...scripts: string[]) => ({
  argv: ['npm', 'run', 'test'] as const,
  separator: ['--'],
  directory: '/w',
  scripts,
})

describe('jest hears of our report by argument only where the environment does not reach it', () => {
  test.each<[script: string, how: string]>([
    ['jest', 'from the environment'],
    ['NODE_OPTIONS=--experimental-vm-modules jest', 'by argument'],
    ['tsc && NODE_OPTIONS=--experimental-vm-modules jest --ci', 'by argument'],
    ['cross-env NODE_OPTIONS=--experimental-vm-modules node node_modules/jest/bin/jest.js', 'by argument'],
    ['NODE_OPTIONS=--experimental-vm-modules jest && eslint .', 'from the environment'],
    ['NODE_OPTIONS=--no-warnings node --test', 'from the environment'],
  ])('%s', (script, how) => {
    expect(planTests(inputs, [npm(script)], []).commands).toMatchObject([{ jest: how }])
  })
})

describe('what is run', () => {
  test.each<[what: string, given: object, install: string | undefined, commands: string[]]>([
    ['what is detected', {}, undefined, ['npm run test']],
    ['the command instead', { command: 'make check' }, undefined, ['make check']],
    ['an install command before it', { installCommand: 'npm ci' }, 'npm ci', ['npm run test']],
    ['nothing', { command: 'none', installCommand: 'npm ci' }, undefined, []],
  ])('%s', (_, given, install, commands) => {
    const plan = planTests({ ...inputs, ...given }, [npm('jest')], [])
    expect(plan.install && textOf(plan.install)).toBe(install)
    expect(plan.commands.map(textOf)).toEqual(commands)
  })
})

const scriptsOf = (command: string) =>
  planTests({ ...inputs, command }, [], ['node --test --test-reporter=dot']).scripts

test('the scripts of a project count only where the command may run them', () => {
  expect(scriptsOf('npm run unit')).toEqual(['npm run unit', 'node --test --test-reporter=dot'])
  expect(scriptsOf('node --test')).toEqual(['node --test'])
})
