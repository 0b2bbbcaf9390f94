import { describe, expect, test } from '@jest/globals'
import { combinations } from './matrix.ts'
import type { RunOptions } from './types.ts'
import { job, logOf, run } from './world.ts'

describe('a step', () => {
  test.each<{ script: string; conclusion: string; log: string[] }>`
    script                                                                                  | conclusion   | log
    ${'echo hi'}                                                                            | ${'success'} | ${['hi']}
    ${'echo out; exit 3'}                                                                   | ${'failure'} | ${['out']}
    ${'echo "::error file=a.ts,line=3::b%25"'}                                              | ${'success'} | ${['error: b%']}
    ${'echo "::stop-commands::x1y"; echo "::error::n"; echo "::x1y::"; echo "::notice::y"'} | ${'success'} | ${['::error::n', 'notice: y']}
    ${'echo "::add-mask::hunter22"; echo hunter22'}                                         | ${'success'} | ${['***']}
    ${'echo "a<<E" >> "$GITHUB_OUTPUT"'}                                                    | ${'failure'} | ${["error: Invalid value. Matching delimiter not found 'E'."]}
    ${'echo "$GITHUB_REPOSITORY $CI $GITHUB_REF_NAME"'}                                     | ${'success'} | ${['acme/shop true main']}
  `('$script', async ({ script, conclusion, log }) => {
    const result = await run(job(`- run: ${JSON.stringify(script)}`))
    expect([result.conclusion, logOf(result)]).toEqual([conclusion, log])
  })

  test('hands its outputs, environment and path to later ones', async () => {
    const steps = `
- id: one
  run: |
    echo "value=1 2" >> "$GITHUB_OUTPUT"
    printf 'text<<END\\na\\nb\\nEND\\n' >> "$GITHUB_OUTPUT"
    echo "NAME=x" >> "$GITHUB_ENV"
- run: echo "$NAME \${{ env.NAME }}" '\${{ steps.one.outputs.value }} \${{ toJSON(steps.one.outputs.text) }}'`
    expect(logOf(await run(job(steps)))).toEqual(['x x 1 2 "a\\nb"'])
  })

  test('of conditions: always and failure run after a failure, others do not', async () => {
    const steps = `
- run: exit 1
- run: echo no
- if: failure()
  run: echo failed
- if: always() && github.event_name == 'push'
  run: echo always
- if: success() || 'x' == ''
  run: echo never`
    const result = await run(job(steps))
    expect([result.conclusion, logOf(result)]).toEqual(['failure', ['failed', 'always']])
  })

  test('that may fail does not fail the job', async () => {
    const result = await run(job('- run: exit 1\n  continue-on-error: true\n- run: echo on'))
    expect([
      result.conclusion,
      result.jobs[0]?.steps.map(({ outcome, conclusion }) => `${outcome}>${conclusion}`),
    ]).toEqual(['success', ['failure>success', 'success>success']])
  })

  test('checks out the commit by a stand-in that says so', async () => {
    const log = logOf(await run(job('- uses: actions/checkout@v5\n- run: cat file.txt')))
    expect([log[0], log.at(-1)]).toEqual(['[stand-in for actions/checkout]', 'content'])
  })

  test('with an action that nobody knows is refused by its name, before anything runs', async () => {
    const events: string[] = []
    const listener: RunOptions['listener'] = ({ kind }) => events.push(kind)
    const sentence = 'There is no action someone/something@v1 on this machine, and no stand-in for it.'
    const running = run(job('- run: echo first\n- uses: someone/something@v1'), { listener })
    await expect(running).rejects.toThrow(sentence)
    expect(events).toEqual([])
  })
})

describe('jobs', () => {
  test('hand on outputs by needs, but none that holds a secret', async () => {
    const jobs = `
first:
  runs-on: ubuntu-latest
  outputs: { open: '\${{ steps.s.outputs.open }}', closed: '\${{ steps.s.outputs.closed }}' }
  steps:
    - id: s
      run: |
        echo open=yes >> "$GITHUB_OUTPUT"
        echo "closed=\${{ secrets.KEY }}" >> "$GITHUB_OUTPUT"
second:
  needs: first
  runs-on: ubuntu-latest
  steps:
    - run: echo "[\${{ needs.first.outputs.open }}] [\${{ needs.first.outputs.closed }}]"`
    expect(logOf(await run(jobs, { secrets: { KEY: 'canary-0123' } })).at(-1)).toBe('[yes] []')
  })

  test('after a failed one are skipped, and the run has failed', async () => {
    const jobs = `
a: { runs-on: x, steps: [{ run: exit 1 }] }
b: { runs-on: x, needs: a, steps: [{ run: echo no }] }
c: { runs-on: x, needs: b, if: always(), steps: [{ run: 'echo "\${{ needs.b.result }}"' }] }`
    const result = await run(jobs)
    expect(result.jobs.map(({ conclusion }) => conclusion)).toEqual(['failure', 'skipped', 'success'])
    expect([result.conclusion, logOf(result)]).toEqual(['failure', ['skipped']])
  })

  test('run once for each row of their matrix', async () => {
    const steps = '- run: echo "${{ matrix.n }}${{ matrix.l }}"'
    expect(
      logOf(
        await run(
          job(
            steps,
            '  strategy: { matrix: { n: [1, 2], l: [a], exclude: [{ n: 2 }], include: [{ n: 3, l: b }] } }\n',
          ),
        ),
      ),
    ).toEqual(['1a', '3b'])
  })

  test('that are not valid are refused as GitHub would', async () => {
    await expect(run(job('- rum: echo'))).rejects.toThrow(/Unexpected value 'rum'/)
  })
})

test('a cancelled run lets its step end, and kills what does not', async () => {
  const stop = new AbortController()
  const listener: RunOptions['listener'] = event => {
    if (event.kind === 'line') stop.abort()
  }
  const script = `trap "echo bye; exit 1" INT\necho ready\nfor i in $(seq 100); do sleep 0.1; done`
  const result = await run(job(`- run: ${JSON.stringify(script)}\n- run: echo no`), {
    signal: stop.signal,
    listener,
  })
  expect([result.conclusion, logOf(result)]).toEqual(['cancelled', ['ready', 'bye']])
})

describe('a matrix', () => {
  test.each<{ matrix: object; rows: object[] }>`
    matrix                                           | rows
    ${{ a: [1, 2], b: [3] }}                         | ${[{ a: 1, b: 3 }, { a: 2, b: 3 }]}
    ${{ include: [{ a: 1 }, { a: 2 }] }}             | ${[{ a: 1 }, { a: 2 }]}
    ${{ a: [1, 2], include: [{ a: 1, c: 9 }] }}      | ${[{ a: 1, c: 9 }, { a: 2 }]}
    ${{ a: [1], include: [{ c: 9 }, { a: 7 }] }}     | ${[{ a: 1, c: 9 }, { a: 7 }]}
    ${{ a: [1, 2], b: [1, 2], exclude: [{ a: 1 }] }} | ${[{ a: 2, b: 1 }, { a: 2, b: 2 }]}
  `('$matrix', ({ matrix, rows }) => expect(combinations(matrix)).toEqual(rows))
})
