import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { readRecord, type Goal, type Observation } from '@gitops-relay/sync'
import { recordingHost } from '@gitops-relay/testing'
import { createRecorder } from './recorder.ts'

const goal: Goal = {
  provider: 'argocd',
  commit: 'a'.repeat(40),
  repository: 'https://git.example/config',
  targets: ['shop'],
  startedAt: 0,
  deadline: 1,
  appearTimeout: 1,
  settle: 1,
  degradedGrace: 1,
  refresh: true,
  onRetry: 'wait',
  onSuspended: 'fail',
}
const trouble = (detail: string): Observation => ({ kind: 'trouble', at: 1, detail })

test('what was recorded can be read back while the wait goes on', async () => {
  await using host = await recordingHost()
  const recorder = createRecorder(host, undefined)
  recorder.goal(goal)
  recorder.observation(trouble('connection refused'))
  expect(recorder.path.startsWith(host.runnerTemp)).toBe(true)
  expect(readRecord(readFileSync(recorder.path, 'utf8'))).toEqual({
    goal,
    observations: [trouble('connection refused')],
  })
})

test('a secret that a server repeats is not in the recording', async () => {
  await using host = await recordingHost()
  host.mask('canary-secret-1')
  const recorder = createRecorder(host, undefined)
  recorder.observation(trouble('token canary-secret-1 is expired'))
  expect(readFileSync(recorder.path, 'utf8')).not.toContain('canary-secret-1')
})

test('a recording that cannot be written warns once, and the wait goes on', async () => {
  await using host = await recordingHost()
  const recorder = createRecorder(host, '/dev/null/record.jsonl')
  recorder.goal(goal)
  recorder.observation(trouble('x'))
  expect(recorder.path).toBe('')
  expect(host.annotations.filter(({ level }) => level === 'warning')).toHaveLength(1)
})
