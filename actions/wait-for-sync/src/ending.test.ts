import { describe, expect, test } from '@jest/globals'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { TargetVerdict, Verdict } from '@gitops-relay/sync'
import { brokenOff, endingOf, redacted } from './ending.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'

const target = (name: string, result: TargetVerdict['result']): TargetVerdict => ({
  target: name,
  result,
  revision: '',
  health: '',
  reason: { code: 'degraded', sentence: `${name} is Degraded.`, next: 'Look at it.' },
  since: 0,
})

const verdict = (result: Verdict['result'], ...targets: TargetVerdict[]): Verdict => ({
  result,
  reason: { code: 'degraded', sentence: 'web is Degraded.' },
  revision: '',
  targets,
  deadline: 0,
  questions: [],
  attend: [],
})

describe('a verdict, as GitHub is told', () => {
  test.each<{ result: TargetVerdict['result']; isGood: boolean; whole: string; one: string; says: string }>`
    result          | isGood   | whole        | one          | says
    ${'live'}       | ${true}  | ${'success'} | ${'success'} | ${'0123456789ab is live and healthy.'}
    ${'superseded'} | ${true}  | ${'success'} | ${'success'} | ${'degraded: web is Degraded.'}
    ${'superseded'} | ${false} | ${'failure'} | ${'failure'} | ${'degraded: web is Degraded.'}
    ${'failed'}     | ${false} | ${'failure'} | ${'failure'} | ${'degraded: web is Degraded.'}
    ${'reverted'}   | ${false} | ${'failure'} | ${'failure'} | ${'degraded: web is Degraded.'}
    ${'blocked'}    | ${false} | ${'failure'} | ${'failure'} | ${'degraded: web is Degraded.'}
    ${'timeout'}    | ${false} | ${'failure'} | ${'failure'} | ${'Not live in time. degraded: web is Degraded.'}
  `('$result, green: $isGood', ({ result, isGood, whole, one, says }) => {
    const ending = endingOf(verdict(result, target('web', result)), COMMIT, isGood)
    expect(ending).toEqual({
      state: whole,
      description: says,
      targets: { web: { state: one, description: says } },
    })
  })

  test('a target that is live stays so when another one fails; one that waits is told why it ended', () => {
    const all = [target('web', 'failed'), target('api', 'live'), target('job', 'waiting')]
    const { state, targets } = endingOf(verdict('failed', ...all), COMMIT, false)
    expect(state).toBe('failure')
    expect(targets['api']?.state).toBe('success')
    expect(targets['job']).toEqual({
      state: 'error',
      description: 'Not decided, for another target ended the wait. degraded: job is Degraded.',
    })
  })
})

describe('a wait that broke off', () => {
  test.each<{ error: unknown; says: string }>`
    error                                       | says
    ${new UserError('argocd-login', 'No.', '')} | ${'argocd-login: No.'}
    ${new TypeError('x is not a function')}     | ${'The wait broke off.'}
  `('$says', ({ error, says }) => {
    expect(brokenOff(error)).toEqual({ state: 'error', description: says, targets: {} })
  })
})

test('no secret is told', () => {
  const ending = endingOf(verdict('failed', target('web', 'failed')), COMMIT, false)
  const clean = redacted(ending, text => text.replaceAll('Degraded', '***'))
  expect(JSON.stringify(clean)).not.toContain('Degraded')
  expect(clean).toMatchObject({ state: 'failure', targets: { web: { state: 'failure' } } })
})
