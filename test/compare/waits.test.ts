// On what real controllers showed, this project's wait is always right, and the usual ones are not.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { comparisonPath, withComparison } from '../../scripts/docs.ts'
import { rows } from './waits.ts'

test.each(rows().map(row => [`${row.provider} ${row.scenario}`, row] as const))(
  '%s',
  (_, { verdict, ours }) => {
    expect(ours.result).toBe(verdict)
  },
)

test('each of the others is wrong at least three times', () => {
  const wrong = new Map<string, number>()
  for (const { others } of rows())
    for (const { wait, isRight } of others)
      wrong.set(wait.name, (wrong.get(wait.name) ?? 0) + (isRight ? 0 : 1))
  for (const [name, count] of wrong) expect([name, count >= 3]).toEqual([name, true])
})

test('docs/waits-compared.md says so', () => {
  const page = readFileSync(comparisonPath, 'utf8')
  expect(page).toBe(withComparison(page))
})
