import { describe, expect, test } from '@jest/globals'
import { logOf, run } from './world.ts'

const called = `on:
  workflow_call:
    inputs: { name: { type: string, required: true }, count: { type: number, default: 3 }, loud: { type: boolean } }
    secrets: { KEY: { required: true } }
    outputs: { said: { value: '\${{ jobs.say.outputs.said }}' } }
jobs:
  say:
    runs-on: x
    outputs: { said: '\${{ steps.s.outputs.said }}' }
    steps:
      - id: s
        run: echo "\${{ inputs.name }} \${{ inputs.count == 3 }} \${{ inputs.loud == false }} \${{ secrets.KEY == 'canary-01' }} [\${{ secrets.OTHER }}]"; echo "said=\${{ inputs.name }}" >> "$GITHUB_OUTPUT"
`
const files = { '.github/workflows/called.yml': called, 'acme/flows/.github/workflows/called.yml': called }
const secrets = { KEY: 'canary-01', OTHER: 'other-0123' }
const call = (uses: string, more: string) =>
  `a: { uses: ${uses}, ${more} }\nb: { needs: a, runs-on: x, steps: [{ run: 'echo "got \${{ needs.a.outputs.said }}"' }] }`

describe('a called workflow', () => {
  test.each([
    ['of the repository', './.github/workflows/called.yml', "secrets: { KEY: '${{ secrets.KEY }}' }", '[]'],
    ['of another repository', 'acme/flows/.github/workflows/called.yml@v1', 'secrets: inherit', '[***]'],
  ])('%s gets inputs and secrets, and gives outputs', async (_, uses, handed, other) => {
    const result = await run(call(uses, `with: { name: '\${{ github.ref_name }}' }, ${handed}`), {
      files,
      secrets,
    })
    expect(logOf(result)).toEqual([`main true true true ${other}`, 'got main'])
    expect(result.jobs.map(({ name }) => name)).toEqual(['a / say', 'b'])
  })

  test.each([
    ['a missing input', 'secrets: inherit', 'Job a: the called workflow needs the input "name".'],
    [
      'an unknown input',
      'with: { name: a, nmae: b }, secrets: inherit',
      'Job a: the called workflow has no input "nmae".',
    ],
    [
      'a wrong number',
      'with: { name: a, count: many }, secrets: inherit',
      'Job a: the input "count" is no number: many.',
    ],
    ['a missing secret', 'with: { name: a }', 'Job a: the called workflow needs the secret "KEY".'],
  ])('with %s is refused', async (_, more, sentence) => {
    await expect(run(call('./.github/workflows/called.yml', more), { files, secrets })).rejects.toThrow(
      sentence,
    )
  })

  test('that nobody knows, or that calls itself, is refused', async () => {
    await expect(run(call('acme/none/x.yml@v1', ''), {})).rejects.toThrow(
      'There is no workflow acme/none/x.yml@v1',
    )
    const loop = {
      '.github/workflows/l.yml': 'on: workflow_call\njobs: { l: { uses: ./.github/workflows/l.yml } }\n',
    }
    await expect(run(call('./.github/workflows/l.yml', ''), { files: loop })).rejects.toThrow(
      'more than 10 deep',
    )
  })
})

describe('a matrix of jobs', () => {
  test('stops at the first failure, and says which rows were cancelled', async () => {
    const jobs = `a: { runs-on: x, strategy: { matrix: { n: [1, 2, 3] } }, steps: [{ run: 'exit $(( \${{ matrix.n }} - 1 ))' }] }`
    const result = await run(jobs)
    expect(result.jobs.map(({ name, conclusion }) => `${name} ${conclusion}`)).toEqual([
      'a (1) success',
      'a (2) failure',
      'a (3) cancelled',
    ])
    expect(result.conclusion).toBe('failure')
  })

  test('goes on without fail-fast; a row that may fail does not fail the run', async () => {
    const jobs = `a: { runs-on: x, continue-on-error: '\${{ matrix.n == 2 }}', strategy: { fail-fast: false, matrix: { n: [1, 2, 3] } }, steps: [{ run: 'test \${{ matrix.n }} != 2' }] }`
    const result = await run(jobs)
    expect([result.conclusion, result.jobs.length]).toEqual(['success', 3])
  })
})

test('a workflow that is not valid is refused with file, line and column', async () => {
  await expect(run('a: { runs-on: x, steps: [{ rum: echo }] }')).rejects.toThrow(
    /workflow\.yml:\d+:\d+: Unexpected value 'rum'/,
  )
})
