// What holds for every history that Flux could have.
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { evaluate } from '../evaluate.ts'
import {
  answer,
  goal,
  is,
  K,
  kustomization,
  NEWER,
  OLD,
  OURS,
  release,
  RELEASE,
  source,
  SOURCE,
  START,
} from '../samples.ts'
import type { FluxObject, Goal, Observation } from '../types.ts'

const moment = fc.integer({ min: START, max: START + 700_000 })
const GREEN = ['live', 'superseded']

/** Histories of a Kustomization, its source and a release; each state newer than the one before. */
const states = fc.record({
  object: fc.constantFrom(K, K, SOURCE, RELEASE),
  pause: fc.nat(20_000),
  revision: fc.constantFrom(OURS, OURS, OLD, NEWER),
  attempted: fc.constantFrom(OURS, OURS, OLD, NEWER),
  ready: fc.constantFrom('True', 'True', 'False', 'Unknown' as const),
  reason: fc.constantFrom('BuildFailed', 'HealthCheckFailed', 'DependencyNotReady', 'Progressing'),
  generation: fc.constantFrom(1, 1, 2),
  suspended: fc.boolean(),
})
const histories: fc.Arbitrary<Observation[]> = fc
  .array(fc.oneof({ weight: 2, arbitrary: states.map(calm) }, states), { maxLength: 14 })
  .map(steps => {
    let time = START
    const observations: Observation[] = [answer(OLD, 'older'), answer(NEWER, 'newer', 'kept')]
    for (const [index, step] of steps.entries()) {
      time += step.pause
      const { object, revision, attempted, ready, reason, generation, suspended } = step
      const base = { [K]: kustomization, [SOURCE]: source, [RELEASE]: release }[object] ?? source
      const state: FluxObject = {
        ...base,
        generation,
        suspended,
        conditions: [is('Ready', ready, reason, 'm')],
        ...(object === K ? { applied: revision, attempted } : {}),
        ...(object === SOURCE ? { artifact: revision } : {}),
      }
      observations.push({ kind: 'flux', at: time, object, version: String(index + 1), state })
    }
    return observations
  })

/** As it is most of the time. */
function calm<Step extends object>(step: Step) {
  return { ...step, revision: OURS, attempted: OURS, ready: 'True' as const, generation: 1, suspended: false }
}

const wanted: Goal = { ...goal, provider: 'flux', targets: [K] }

test('neither the order of arrival nor duplicates change the verdict', () => {
  const shuffled = histories.chain(inOrder =>
    fc.tuple(
      fc.constant(inOrder),
      fc.shuffledSubarray([...inOrder, ...inOrder], { minLength: inOrder.length * 2 }),
    ),
  )
  fc.assert(
    fc.property(shuffled, moment, ([inOrder, mixed], now) => {
      expect(evaluate(mixed, wanted, now)).toEqual(evaluate(inOrder, wanted, now))
    }),
  )
})

test('what has failed never becomes green', () => {
  fc.assert(
    fc.property(histories, moment, moment, (observations, one, other) => {
      const [earlier, later] = [Math.min(one, other), Math.max(one, other)]
      const first = evaluate(observations, wanted, earlier).result
      if (first !== 'waiting' && !GREEN.includes(first))
        expect(GREEN).not.toContain(evaluate(observations, wanted, later).result)
    }),
    { numRuns: 1000 },
  )
})

test('green rests on the last state of the source, the Kustomization and its release', () => {
  let green = 0
  fc.assert(
    fc.property(histories, moment, (observations, now) => {
      const verdict = evaluate(observations, wanted, now)
      if (!GREEN.includes(verdict.result)) return
      green += 1
      const last = (object: string) => {
        const found = observations.findLast(
          one => one.kind === 'flux' && one.object === object && one.at <= now,
        )
        return found?.kind === 'flux' ? found.state : undefined
      }
      const own = last(K)
      expect([OURS, NEWER]).toContain(own?.applied)
      expect(last(SOURCE)?.artifact).toBeDefined()
      if (own?.conditions[0]?.reason !== 'BuildFailed') {
        expect(own?.conditions[0]?.status).not.toBe('False')
        expect(last(SOURCE)?.artifact).toBe(own?.applied)
      }
      const its = last(RELEASE)
      if (its) expect(its).toMatchObject({ generation: 1, conditions: [{ status: 'True' }] })
    }),
    { numRuns: 3000 },
  )
  expect(green).toBeGreaterThan(100)
})
