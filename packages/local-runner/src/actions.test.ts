import { describe, expect, test } from '@jest/globals'
import type { RunOptions } from './types.ts'
import { job, logOf, run } from './world.ts'

/** A node action whose moments print what they see. */
const nodeAction = (more = '') => ({
  'acme/tools/node/action.yml': `name: n\ninputs: { who: { default: '\${{ github.repository }}' } }\nruns: { using: node24, pre: pre.mjs, main: main.mjs, post: post.mjs${more} }\n`,
  'acme/tools/node/pre.mjs': `console.log('pre', process.env.INPUT_WHO)`,
  'acme/tools/node/main.mjs': `import { appendFileSync } from 'node:fs'
console.log('main', process.env.INPUT_WHO, process.env.GITHUB_ACTION_PATH.endsWith('/node'))
appendFileSync(process.env.GITHUB_STATE, 'kept=1\\n')
appendFileSync(process.env.GITHUB_OUTPUT, 'out=' + process.env.INPUT_WHO + '\\n')
appendFileSync(process.env.GITHUB_STEP_SUMMARY, '# seen\\n')`,
  'acme/tools/node/post.mjs': `console.log('post', process.env.INPUT_WHO, process.env.STATE_kept)`,
})
const composite = (steps: string, more = '') => ({
  'acme/tools/made/action.yml': `name: c\n${more}runs:\n  using: composite\n  steps:\n${steps.replace(/^/gm, '    ')}`,
})

describe('an action that is a Node program', () => {
  test('has its moments in the order of the runner: all pre, then main, then post backwards', async () => {
    const steps = `
- uses: acme/tools/node@v1
- uses: acme/tools/node@v1
  with: { who: two }
- run: exit 1`
    const result = await run(job(steps), { files: nodeAction() })
    expect(logOf(result)).toEqual([
      'pre acme/shop',
      'pre two',
      'main acme/shop true',
      'main two true',
      'post two 1',
      'post acme/shop 1',
    ])
  })

  test('has conditions for its pre and post', async () => {
    const files = nodeAction(", pre-if: runner.os == 'Windows', post-if: failure()")
    expect(logOf(await run(job('- uses: acme/tools/node@v1'), { files }))).toEqual(['main acme/shop true'])
  })

  test('in a container is refused by name', async () => {
    const files = { 'acme/tools/box/action.yml': 'runs: { using: docker, image: Dockerfile }\n' }
    expect(logOf(await run(job('- uses: acme/tools/box@v1'), { files }))).toEqual([
      'error: acme/tools/box@v1 runs by docker; actions in containers cannot be run here.',
    ])
  })
})

describe('a composite action', () => {
  test('has its own inputs and steps, and gives outputs, summary and environment', async () => {
    const files = {
      ...nodeAction(),
      ...composite(
        `
- id: one
  shell: bash
  run: |
    echo "\${{ inputs.name }} [\${{ steps.outer.outputs.x }}] $OUTER $(basename "$GITHUB_ACTION_PATH") \${{ github.action_path == env.GITHUB_ACTION_PATH }}"
    echo "value=\${{ inputs.name }}!" >> "$GITHUB_OUTPUT"
    echo "LATER=on" >> "$GITHUB_ENV"
- uses: acme/tools/node@v1
  with: { who: inner }`,
        `inputs: { name: { default: none } }\noutputs: { value: { value: '\${{ steps.one.outputs.value }}' } }\n`,
      ),
    }
    const steps = `
- id: outer
  run: echo x=1 >> "$GITHUB_OUTPUT"
- id: made
  uses: acme/tools/made@v1
  with: { name: shop }
  env: { OUTER: o }
- run: echo "\${{ steps.made.outputs.value }} $LATER [\${{ steps.one.outputs.value }}]"`
    const result = await run(job(steps), { files })
    expect(logOf(result)).toEqual(['shop [] o made true', 'main inner true', 'shop! on []', 'post inner 1'])
    expect(result.jobs[0]?.steps.find(({ id }) => id === 'made')?.summary).toBe('# seen\n')
  })

  test('fails by a step of its own; conditions in it ask for its own steps', async () => {
    const files = composite(`
- { run: exit 1, shell: bash }
- { run: echo no, shell: bash }
- { run: echo cleaned, shell: bash, if: failure() }
- { run: exit 1, shell: bash, if: always(), continue-on-error: true }`)
    const result = await run(
      job('- uses: acme/tools/made@v1\n- run: echo never\n- run: echo after\n  if: failure()'),
      { files },
    )
    expect([result.conclusion, logOf(result)]).toEqual(['failure', ['cleaned', 'after']])
  })

  test('of the workspace is found when its step comes', async () => {
    const files = composite('- { run: echo here, shell: sh }')
    const steps = '- uses: actions/checkout@v5\n- uses: ./acme/tools/made'
    expect(logOf(await run(job(steps), { files, committed: true })).at(-1)).toBe('here')
  })

  test.each([
    ['no shell', '- { run: echo x }', 'acme/tools/made@v1: its step 1 needs "shell".'],
    ['itself in it', '- { uses: acme/tools/made@v1 }', 'composite actions use each other more than 10 deep.'],
  ])('with %s is refused', async (_, steps, sentence) => {
    const result = await run(job('- uses: acme/tools/made@v1'), { files: composite(steps) })
    expect([result.conclusion, logOf(result).join('\n')]).toEqual([
      'failure',
      expect.stringContaining(sentence),
    ])
  })
})

describe('limits and the end of a run', () => {
  test('a step that takes too long fails, and others run on', async () => {
    const steps = '- run: sleep 30\n  timeout-minutes: 0.005\n- run: echo after\n  if: failure()'
    const result = await run(job(steps), { ladder: [50, 50] })
    expect([result.conclusion, logOf(result)]).toEqual([
      'failure',
      ['error: The step has timed out after 0.005 minutes.', 'after'],
    ])
  })

  test('after a cancel, what always runs still runs, and what always ran goes on', async () => {
    const stop = new AbortController()
    const listener: RunOptions['listener'] = event => {
      if (event.kind === 'line' && event.line === 'ready') stop.abort()
    }
    const steps =
      '- run: echo ready; sleep 0.3; echo done\n  if: always()\n- run: echo no\n- run: echo cleaned\n  if: cancelled()'
    const result = await run(job(steps), { signal: stop.signal, listener })
    expect([result.conclusion, logOf(result)]).toEqual(['cancelled', ['ready', 'done', 'cleaned']])
  })

  test('a step shows ten annotations of a kind, a job fifty', async () => {
    const script = '- run: for i in $(seq 12); do echo "::error::e"; echo "::warning::w"; done\n'
    const result = await run(job(script.repeat(4)))
    expect(result.jobs[0]?.steps.map(({ annotations }) => annotations.length)).toEqual([20, 20, 10, 0])
  })

  test('files are hashed as the runner does, whatever their size', async () => {
    const files = { 'a.lock': 'one', 'b/c.lock': 'x'.repeat(200_000), 'skip.lock': 's' }
    const steps =
      "- uses: actions/checkout@v5\n- run: echo \"${{ hashFiles('**/*.lock', '!skip.lock') }} [${{ hashFiles('none') }}]\""
    // sha256 over the sha256 of each, by `sha256sum` and `xxd`.
    expect(logOf(await run(job(steps), { files, committed: true })).at(-1)).toBe(
      '128d8cd316e2b4cedb2fda3e262f4605ff8d2e8494e883417feb1d208dbd4b0c []',
    )
  })
})
