import { expect, test } from '@jest/globals'
import { readApplication } from './application.ts'

const automated = (value: unknown) =>
  readApplication({ spec: { syncPolicy: { automated: value } } }).state.automated
const operatedOn = (operationState: object) =>
  readApplication({ status: { operationState } }).state.operation?.revisions

test('whatever a server sends is read, and nothing in it is trusted', () => {
  for (const value of [
    undefined,
    null,
    'text',
    [],
    {},
    { status: [], spec: 7, metadata: { annotations: 'x' } },
  ]) {
    expect(readApplication(value)).toMatchObject({
      name: '',
      state: { automated: false, conditions: [], resources: [] },
    })
  }
})

test('ordinary resources carry a hookPhase, which says nothing about them', () => {
  const resource = { kind: 'Service', namespace: 'shop', name: 'web', status: 'Synced', hookPhase: 'Failed' }
  const failures = (change: object) =>
    readApplication({
      status: {
        operationState: { phase: 'Running', syncResult: { resources: [{ ...resource, ...change }] } },
      },
    }).state.operation?.failures
  expect(failures({})).toEqual([])
  expect(failures({ hookType: 'PreSync', message: 'exit 1' })).toEqual([
    { object: 'Service/shop/web', message: 'exit 1' },
  ])
  expect(failures({ status: 'SyncFailed', message: 'invalid' })).toEqual([
    { object: 'Service/shop/web', message: 'invalid' },
  ])
})

test('automated sync is on unless it says that it is off', () => {
  expect([{}, { enabled: true }, { enabled: false }, null, undefined].map(automated)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

test('an operation that has no result yet is for the revisions that it was asked for', () => {
  expect(operatedOn({ phase: 'Running', operation: { sync: { revision: 'a' } } })).toEqual(['a'])
  expect(
    operatedOn({
      phase: 'Running',
      operation: { sync: { revision: 'a' } },
      syncResult: { revisions: ['b', 'c'] },
    }),
  ).toEqual(['b', 'c'])
})
