import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readReport } from './read-report.ts'
import { read } from './samples.ts'

// Longer than what is read before the format is known, so that the readers themselves are fed piece by piece.
const PADDING = 'x'.repeat(4096)
const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${PADDING} a & b --><testsuites><testsuite name="S &amp; T"><properties><property name="p" value="&#27;"/></properties>
<testcase name="gr\u00fc\u00df \ud83d\ude80 & x" classname="c" time="1.5"><failure message="a &lt; b &#10; c & d"><![CDATA[ x ]] > & ]]></failure></testcase>
<testcase name="b"><skipped/><system-out><![CDATA[<testcase name="no"/>]]></system-out></testcase>
<testcase name="c"><failure/></testcase><testcase name="c"/></testsuite></testsuites>
`
const TAP = `TAP version 14
# ${PADDING}
# Subtest: gr\u00fc\u00df \ud83d\ude80
    ok 1 - x
    not ok 2 - y
      ---
      location: 'a.js:3:1'
      error: |-
        one
        two
      ...
    1..2\r
not ok 1 - gr\u00fc\u00df
ok 2 - z # SKIP no
1..2
`
const CTRF = `{"reportFormat":"CTRF","specVersion":"0.0.0","extra":{"padding":"${PADDING}","tests":[{"name":"no","status":"failed"}]},"results":{"tool":{"name":"t"},
"summary":{"tests":2},"tests":[{"name":"gr\u00fc\u00df \ud83d\ude80 \\"{[","status":"failed","duration":3,"suite":["S"],"message":"m\\\\"},
{"name":"b","status":"pending","duration":0,"extra":{"a":[{}]}}]}}
`

const cut = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 })

async function* cutAt(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

describe('where the pieces are cut changes nothing', () => {
  test.each([
    ['JUnit', JUNIT, 4],
    ['TAP', TAP, 3],
    ['CTRF', CTRF, 2],
  ])('%s', async (_, text, count) => {
    const whole = await read(text)
    expect(whole.problems).toEqual([])
    expect(whole.tests.length).toBe(count === 4 ? 3 : count)
    await fc.assert(
      fc.asyncProperty(cut, async sizes => expect(await readReport(cutAt(text, sizes))).toEqual(whole)),
      { numRuns: 200 },
    )
  })
})

describe('a report that ends too early is never proof', () => {
  test.each([
    ['JUnit', JUNIT],
    ['TAP, its plan first', TAP.replace(/1\.\.2\n$/, '').replace('# Subtest', '1..2\n# Subtest')],
    ['CTRF', CTRF],
  ])('%s', async (_, text) => {
    const bytes = Buffer.from(text.trimEnd())
    const whole = (await read(text)).tests.length
    for (let length = 4000; length < bytes.length; length++) {
      const { tests, problems } = await read(bytes.subarray(0, length))
      if (problems.length === 0) expect(tests.length).toBe(whole)
    }
  })
})

test('no bytes make a reader throw', async () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
    fc
      .tuple(fc.constantFrom(JUNIT, TAP, CTRF), fc.nat(), fc.string({ unit: 'binary', maxLength: 20 }))
      .map(([text, at, noise]) => {
        const place = at % text.length
        return Buffer.from(text.slice(0, place) + noise + text.slice(place + noise.length))
      }),
  )
  await fc.assert(
    fc.asyncProperty(junk, async bytes => {
      await expect(read(bytes)).resolves.toBeDefined()
    }),
    { numRuns: 1000 },
  )
})
