// The loop, on a clock that jumps.
import { once } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import type { Clock } from '@gitops-relay/http/clock'
import { readApplication, type Goal, type Observation, type Observer } from '@gitops-relay/sync'
import { waitFor, type WaitCollaborators } from './wait.ts'

const OURS = 'a'.repeat(40)
const goal: Goal = {
  provider: 'argocd',
  commit: OURS,
  repository: 'https://git.example/config',
  targets: ['shop'],
  startedAt: 0,
  deadline: 600_000,
  appearTimeout: 120_000,
  settle: 5000,
  degradedGrace: 30_000,
  refresh: true,
  onRetry: 'wait',
  onSuspended: 'fail',
}

/** Jumps to the next moment at which somebody wants to wake up, as soon as nobody is busy. */
function jumpingClock() {
  let now = 0
  let sleepers: { at: number; wake: () => void }[] = []
  const advance = () => {
    const next = sleepers.sort((a, b) => a.at - b.at).shift()
    if (next) {
      now = Math.max(now, next.at)
      next.wake()
    }
  }
  const clock: Clock = {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper = { at: now + milliseconds, wake: resolve }
        sleepers.push(sleeper)
        const stop = () => {
          sleepers = sleepers.filter(other => other !== sleeper)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', stop, { once: true })
        setImmediate(advance)
      }),
  }
  return clock
}

const application = (version: string, revision: string, health = 'Healthy') =>
  readApplication({
    metadata: { name: 'shop', resourceVersion: version },
    spec: {
      source: { repoURL: goal.repository, path: 'prod', targetRevision: 'main' },
      syncPolicy: { automated: {} },
    },
    status: { sync: { status: 'Synced', revision }, health: { status: health } },
  }).state

interface Step {
  at: number
  version: string
  revision: string
  health?: string
}

/** Tells the steps at their times, then is silent until it is stopped. */
function scripted(clock: Clock, steps: Step[], more: Partial<Observer> = {}) {
  const ended: string[] = []
  const observer: Observer = {
    attend: () => Promise.resolve(),
    confirm: () => Promise.resolve(),
    watch: async (tell, signal) => {
      try {
        for (const { at, version, revision, health } of steps) {
          await clock.sleep(at - clock.now(), signal)
          tell({
            kind: 'application',
            at: clock.now(),
            target: 'shop',
            version,
            state: application(version, revision, health),
          })
        }
        await once(signal, 'abort', { signal }).catch(() => undefined)
      } finally {
        ended.push('watch')
      }
    },
    answer: ({ target }) =>
      Promise.resolve([{ kind: 'refresh-failed', at: clock.now(), target, detail: 'no' }]),
    ...more,
  }
  return { observer, ended }
}

function collaborators(
  clock: Clock,
  observer: Observer,
): WaitCollaborators & { recorded: Observation[]; asked: string[] } {
  const recorded: Observation[] = []
  const asked: string[] = []
  return {
    observer,
    clock,
    recorded,
    asked,
    record: observation => recorded.push(observation),
    progress: () => {},
    relate: revision => {
      asked.push(revision)
      return Promise.resolve({ kind: 'revision', at: clock.now(), revision, relation: 'older' })
    },
  }
}

const { signal } = new AbortController()

/** No answer until it is aborted. */
const silence: Observer['confirm'] = (_, until) =>
  new Promise((_resolve, reject) => until.addEventListener('abort', () => reject(until.reason)))

test('live comes when health has held, not a moment later, and the stream is closed', async () => {
  const clock = jumpingClock()
  const { observer, ended } = scripted(clock, [{ at: 3000, version: '1', revision: OURS }])
  expect((await waitFor(goal, collaborators(clock, observer), signal)).result).toBe('live')
  expect(clock.now()).toBe(8000)
  expect(ended).toEqual(['watch'])
})

test('the deadline is kept while nothing happens', async () => {
  const clock = jumpingClock()
  const { observer } = scripted(clock, [{ at: 3000, version: '1', revision: 'b'.repeat(40) }])
  const others = collaborators(clock, observer)
  expect((await waitFor(goal, others, signal)).result).toBe('timeout')
  expect(clock.now()).toBe(600_000)
  expect(others.asked).toEqual(['b'.repeat(40)])
})

test('a state that is told again is neither recorded nor counted again', async () => {
  const clock = jumpingClock()
  const again = [0, 1000, 2000, 3000].map(at => ({ at, version: '1', revision: OURS }))
  const others = collaborators(clock, scripted(clock, again).observer)
  await waitFor(goal, others, signal)
  expect(clock.now()).toBe(5000)
  expect(others.recorded.filter(({ kind }) => kind === 'application')).toHaveLength(1)
})

describe('what rests on time that has passed is read once more', () => {
  const live = { at: 3000, version: '1', revision: OURS }
  const kept = (clock: Clock): Observation => ({
    kind: 'application',
    at: clock.now(),
    target: 'shop',
    version: '2',
    state: application('2', OURS, 'Progressing'),
  })

  test('what a silent stream has kept from us counts', async () => {
    const clock = jumpingClock()
    let asked = 0
    const confirm: Observer['confirm'] = async tell => {
      asked += 1
      tell(kept(clock))
    }
    const { observer } = scripted(clock, [live], { confirm })
    expect((await waitFor(goal, collaborators(clock, observer), signal)).result).toBe('timeout')
    expect(asked).toBe(1)
  })

  test('and until it can be, nothing is green', async () => {
    const clock = jumpingClock()
    const { observer } = scripted(clock, [live], { confirm: () => Promise.reject(new Error('503')) })
    expect(await waitFor(goal, collaborators(clock, observer), signal)).toMatchObject({
      result: 'timeout',
      reason: { code: 'unconfirmed', sentence: expect.stringContaining('503') },
    })
    expect(clock.now()).toBe(600_000)
  })

  test('an answer that does not come keeps the deadline', async () => {
    const clock = jumpingClock()
    const { observer } = scripted(clock, [live], { confirm: silence })
    expect((await waitFor(goal, collaborators(clock, observer), signal)).result).toBe('timeout')
    expect(clock.now()).toBe(600_000)
  })
})

describe('what waiting cannot mend ends it', () => {
  test.each<[string, Partial<Observer>]>([
    ['in the stream', { watch: () => Promise.reject(new Error('refused')) }],
    ['in an answer', { answer: () => Promise.reject(new Error('refused')) }],
  ])('%s', async (_, more) => {
    const clock = jumpingClock()
    const { observer } = scripted(clock, [{ at: 0, version: '1', revision: 'b'.repeat(40) }], more)
    await expect(waitFor(goal, collaborators(clock, observer), signal)).rejects.toThrow('refused')
  })
})

test('an abort ends it at once, with its reason, and nothing stays open', async () => {
  const clock = jumpingClock()
  const { observer, ended } = scripted(clock, [{ at: 3000, version: '1', revision: OURS }])
  const cancel = new AbortController()
  const others = collaborators(clock, observer)
  const waiting = waitFor(
    goal,
    { ...others, record: () => cancel.abort(new Error('cancelled')) },
    cancel.signal,
  )
  await expect(waiting).rejects.toThrow('cancelled')
  expect(ended).toEqual(['watch'])
})
