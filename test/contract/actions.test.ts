import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { InputTable } from '@gitops-relay/action-kit'
import { actionNames, readActionMetadata, root } from '../../scripts/actions.ts'
import { readmeOf, withTables } from '../../scripts/docs.ts'

describe.each(actionNames)('%s says the same everywhere', name => {
  const metadata = readActionMetadata(name)

  test('inputs.ts mirrors the inputs of action.yml, in order', async () => {
    const { inputs }: { inputs: InputTable } = await import(join(root, 'actions', name, 'src', 'inputs.ts'))
    const declared = Object.entries(metadata.inputs).map(([input, rule]) => [
      input,
      rule.default ?? '',
      rule.required ?? false,
    ])
    const read = Object.entries(inputs).map(([input, rule]) => [
      input,
      rule.default ?? '',
      rule.required ?? false,
    ])
    expect(read).toEqual(declared)
  })

  test('inputs of other actions are told what they are called here', async () => {
    const module = join(root, 'actions', name, 'src', 'elsewhere.ts')
    const { elsewhere }: { elsewhere: Record<string, string> } = await import(module)
    const [own, foreign] = [Object.keys(metadata.inputs), Object.entries(elsewhere)]
    expect(foreign.filter(([input]) => own.includes(input) || /[A-Z ]/.test(input))).toEqual([])
    const named = foreign.flatMap(([, remedy]) =>
      [...remedy.matchAll(/"([^"]+)"/g)].map(([, input]) => input ?? ''),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(input => !own.includes(input) && input !== 'env')).toEqual([])
  })

  test('report.ts names the outputs of action.yml, in order', async () => {
    const { outputs }: { outputs: readonly string[] } = await import(
      join(root, 'actions', name, 'src', 'report.ts')
    )
    expect(outputs).toEqual(Object.keys(metadata.outputs))
  })

  test('the README has the tables of action.yml', () => {
    const readme = readFileSync(readmeOf(name), 'utf8')
    expect(readme).toBe(withTables(readme, metadata))
  })

  test('it runs on the Node of the runner, from the committed bundle', () => {
    expect(metadata.runs).toMatchObject({ using: 'node24', main: 'dist/index.js' })
    expect(metadata.runs.post ?? 'dist/index.js').toBe('dist/index.js')
  })

  test('every input and output is described by a sentence, and defaults are text', () => {
    for (const [key, { description }] of Object.entries({ ...metadata.inputs, ...metadata.outputs })) {
      expect([key, description]).toEqual([key, expect.stringMatching(/^\S[^]*[.)]\s*$/)])
    }
    for (const { default: value } of Object.values(metadata.inputs))
      expect(typeof (value ?? '')).toBe('string')
  })
})
