import { expect, test } from '@jest/globals'
import { evaluate } from './evaluate.ts'
import { readRecord, recordGoal, recordObservation } from './record.ts'
import { readRecordings } from './recordings.ts'

test('a recording gives the same verdict again, also when its last line was cut', () => {
  for (const { goal, observations } of [...readRecordings('argocd'), ...readRecordings('flux')]) {
    const text = recordGoal(goal) + observations.map(recordObservation).join('')
    const replayed = readRecord(`${text}{"kind":"appl`)
    expect(evaluate(replayed.observations, replayed.goal, goal.deadline)).toEqual(
      evaluate(observations, goal, goal.deadline),
    )
  }
})
