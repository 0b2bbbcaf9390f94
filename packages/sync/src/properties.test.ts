// What holds for every history that a controller could have.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { evaluate } from './evaluate.ts'
import { readRecordings } from './recordings.ts'
import { answer, goal, live, NEWER, OLD, OURS, START } from './samples.ts'
import type { ApplicationState, Goal, Observation, Operation } from './types.ts'

const revision = fc.constantFrom(OURS, OLD, NEWER, 'main')
const state: fc.Arbitrary<ApplicationState> = fc
  .record({
    status: fc.constantFrom('Synced', 'Synced', 'OutOfSync', 'Unknown' as const),
    compared: revision,
    phase: fc.constantFrom('Running', 'Failed', 'Error', 'Succeeded', 'Succeeded' as const),
    operated: revision,
    finished: fc.boolean(),
    requested: fc.option(revision, { nil: undefined }),
    health: fc.constantFrom(
      'Healthy',
      'Healthy',
      'Progressing',
      'Degraded',
      'Suspended',
      'Missing',
      'Unknown' as const,
    ),
    automated: fc.boolean(),
    error: fc.option(fc.constantFrom('ComparisonError', 'SyncError'), { nil: undefined }),
  })
  .map(({ status, compared, phase, operated, finished, requested, health, automated, error }) => {
    const operation: Operation = { phase, message: 'm', revisions: [operated], retries: 0, failures: [] }
    return {
      ...live,
      automated,
      sync: { status, revisions: [compared] },
      operation: finished ? { ...operation, finishedAt: START } : operation,
      health: { status: health, message: '' },
      conditions: error ? [{ type: error, message: 'bad' }] : [],
      ...(requested ? { requested: [requested] } : {}),
    }
  })

/** Histories of two targets, as they arrive: newer states later; with the answers that a repository gives. */
const mostlyLive = fc.oneof({ weight: 3, arbitrary: fc.constant(live) }, { weight: 2, arbitrary: state })
const history: fc.Arbitrary<Observation[]> = fc
  .array(
    fc.record({
      target: fc.constantFrom('shop', 'web'),
      pause: fc.nat(40_000),
      state: mostlyLive,
      refreshed: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map(steps => {
    let time = START
    const observations: Observation[] = [answer(OLD, 'older'), answer(NEWER, 'newer', 'kept')]
    for (const [index, { target, pause, state: its, refreshed }] of steps.entries()) {
      time += pause
      observations.push({ kind: 'application', at: time, target, version: String(index + 1), state: its })
      if (refreshed) observations.push({ kind: 'refreshed', at: time, target, version: String(index + 1) })
    }
    return observations
  })
const two: Goal = { ...goal, targets: ['shop', 'web'] }
const moment = fc.integer({ min: START, max: START + 700_000 })
const GREEN = ['live', 'superseded']

/** The same, with every time of our clock moved. */
const move = (value: unknown, by: number): unknown =>
  JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    /^(?:at|startedAt|deadline|since|\w+At)$/.test(key) && typeof item === 'number' ? item + by : item,
  )

describe('for every history', () => {
  test('neither the order of arrival nor duplicates change the verdict', () => {
    const shuffled = history.chain(seenInOrder =>
      fc.tuple(
        fc.constant(seenInOrder),
        fc.shuffledSubarray([...seenInOrder, ...seenInOrder], { minLength: seenInOrder.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(shuffled, moment, ([inOrder, mixed], now) => {
        expect(evaluate(mixed, two, now)).toEqual(evaluate(inOrder, two, now))
      }),
    )
  })

  test('what has failed never becomes green', () => {
    fc.assert(
      fc.property(history, moment, moment, (observations, one, other) => {
        const [earlier, later] = [Math.min(one, other), Math.max(one, other)]
        const first = evaluate(observations, two, earlier).result
        if (first !== 'waiting' && !GREEN.includes(first))
          expect(GREEN).not.toContain(evaluate(observations, two, later).result)
      }),
      { numRuns: 1000 },
    )
  })

  test('another clock changes nothing but the times', () => {
    fc.assert(
      fc.property(history, moment, fc.integer({ min: -1e9, max: 1e9 }), (observations, now, by) => {
        const moved = evaluate(
          observations.map(one => ({ ...one, at: one.at + by })),
          { ...two, startedAt: two.startedAt + by, deadline: two.deadline + by },
          now + by,
        )
        expect(JSON.parse(JSON.stringify(moved))).toEqual(move(evaluate(observations, two, now), by))
      }),
    )
  })

  test('green rests on the last state of every target', () => {
    let green = 0
    fc.assert(
      fc.property(history, moment, (observations, now) => {
        const verdict = evaluate(observations, two, now)
        if (!GREEN.includes(verdict.result)) return
        green += 1
        for (const target of two.targets) {
          const last = observations.findLast(
            one => one.kind === 'application' && one.target === target && one.at <= now,
          )
          expect(last).toMatchObject({ state: { sync: { status: 'Synced' }, health: { status: 'Healthy' } } })
          const its = last?.kind === 'application' ? last.state : undefined
          expect([OURS, NEWER]).toContain(its?.sync?.revisions[0])
          expect(its?.requested).toBeUndefined()
          expect(its?.operation?.phase).not.toBe('Running')
        }
      }),
      { numRuns: 2000 },
    )
    expect(green).toBeGreaterThan(100)
  })
})

test('recordings of several applications, shuffled into one, keep their verdicts', () => {
  const recordings = [...readRecordings('argocd'), ...readRecordings('flux')].filter(
    ({ verdict }) => verdict === 'live',
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...recordings),
      fc.infiniteStream(fc.nat()),
      ({ goal: its, observations }, chance) => {
        const mixed = [...observations, ...observations].map(one => ({ one, rank: chance.next().value ?? 0 }))
        const order = mixed.sort((a, b) => a.rank - b.rank).map(({ one }) => one)
        expect(evaluate(order, its, its.deadline - 1).result).toBe('live')
      },
    ),
    { numRuns: 30 },
  )
})
