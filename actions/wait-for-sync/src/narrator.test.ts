import { expect, test } from '@jest/globals'
import type { TargetVerdict, Verdict } from '@gitops-relay/sync'
import { recordingHost } from '@gitops-relay/testing'
import { createNarrator } from './narrator.ts'

const verdict = (sentence: string, result: TargetVerdict['result'] = 'waiting'): Verdict => ({
  result,
  reason: { code: 'x', sentence },
  revision: '',
  targets: [{ target: 'shop', result, revision: '', health: '', reason: { code: 'x', sentence }, since: 0 }],
  deadline: 0,
  questions: [],
  attend: [],
})

test('each change is one line, and nothing new is silence', async () => {
  await using host = await recordingHost()
  let now = 0
  const narrator = createNarrator(host.log, { now: () => now, sleep: () => Promise.resolve() })
  narrator.progress(verdict('shop is being synced.'))
  narrator.progress(verdict('shop is being synced.'))
  now = 12_340
  narrator.trouble('connection\nrefused')
  narrator.trouble('connection\nrefused')
  narrator.progress(verdict('shop is Healthy.', 'live'))
  expect(host.lines).toEqual([
    '   0.0 s  shop is being synced.',
    '  12.3 s  connection refused',
    '  12.3 s  shop is Healthy. → live',
  ])
})
