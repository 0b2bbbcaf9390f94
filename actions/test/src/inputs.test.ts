import { describe, expect, test } from '@jest/globals'
import { recordingHost } from '@gitops-relay/testing'
import { createInputReader } from '@gitops-relay/action-kit'
import { inputs, readInputs } from './inputs.ts'

async function readOf(given: Record<string, string>, untrusted = false) {
  await using host = await recordingHost({
    run: { untrusted, event: untrusted ? 'pull_request_target' : 'push' },
  })
  return readInputs(createInputReader(inputs, given, host.workspace), host)
}

test('nothing given is the default of everything', async () => {
  const { directory, ...rest } = await readOf({})
  expect(directory).toMatch(/workspace$/)
  expect(rest).toEqual({
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
  })
})

describe('what cannot be meant is refused before anything runs', () => {
  test.each<[given: Record<string, string>, code: string]>([
    [{ 'working-directory': '../other' }, 'outside-workspace'],
    [{ 'working-directory': 'missing' }, 'no-directory'],
    [{ 'min-tests': '-1' }, 'bad-number'],
    [{ 'min-tests': 'some' }, 'bad-number'],
    [{ cache: 'yes' }, 'bad-value'],
    [{ annotations: 'on' }, 'bad-boolean'],
    [{ command: 'none' }, 'no-reports'],
  ])('%j', async (given, code) => {
    await expect(readOf(given)).rejects.toMatchObject({ code })
  })
})

test("a fork's code on a privileged event runs only when it is allowed, and then without caches", async () => {
  await expect(readOf({}, true)).rejects.toMatchObject({ code: 'untrusted-checkout' })
  await expect(readOf({ 'allow-untrusted': 'true', cache: 'true' }, true)).resolves.toMatchObject({
    cache: 'false',
  })
})
