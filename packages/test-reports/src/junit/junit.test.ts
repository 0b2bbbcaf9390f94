import { describe, expect, test } from '@jest/globals'
import { outline, read } from '../samples.ts'

const suite = (cases: string, attributes = 'name="S"') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite ${attributes}>${cases}</testsuite></testsuites>\n`

describe('what an entry says is what is counted', () => {
  test.each<[what: string, cases: string, outlined: string[]]>([
    ['a pass', '<testcase name="a"/>', ['S > a: passed']],
    ['a failure', '<testcase name="a"><failure message="m">t</failure></testcase>', ['S > a: failed']],
    ['an error', '<testcase name="a"><error/></testcase>', ['S > a: failed']],
    ['a skip', '<testcase name="a"><skipped/></testcase>', ['S > a: skipped']],
    [
      'a failing TODO of node',
      '<testcase name="a"><skipped type="todo" message="true"/><failure type="x" message="m">t</failure></testcase>',
      ['S > a: skipped'],
    ],
    [
      'a TODO after its failure',
      '<testcase name="a"><failure message="m"/><skipped type="todo"/></testcase>',
      ['S > a: skipped'],
    ],
    [
      'a failure beats a skip',
      '<testcase name="a"><skipped/><failure message="m"/></testcase>',
      ['S > a: failed'],
    ],
    ['ctest, not run', '<testcase name="a" status="notrun"/>', ['S > a: skipped']],
    ['ctest, failed', '<testcase name="a" status="fail"/>', ['S > a: failed']],
    [
      'Surefire, flaky',
      '<testcase name="a"><flakyFailure message="m"><stackTrace>s</stackTrace></flakyFailure></testcase>',
      ['S > a: ~passed'],
    ],
    [
      'Surefire, rerun',
      '<testcase name="a"><failure>1</failure><rerunFailure>2</rerunFailure></testcase>',
      ['S > a: failed'],
    ],
    [
      'Gradle, a pass after a failure',
      '<testcase name="a"><failure/></testcase><testcase name="a"/>',
      ['S > a: ~passed'],
    ],
    [
      'pytest, a teardown that fails',
      '<testcase name="a"/><testcase name="a"><error/></testcase>',
      ['S > a: failed'],
    ],
    [
      'two passes of one name are two tests',
      '<testcase name="a"/><testcase name="a"/>',
      ['S > a: passed', 'S > a: passed'],
    ],
    [
      'nested suites',
      '<testsuite name="T"><testcase name="a" classname="T"/></testsuite><testcase name="b" classname="c.D"/>',
      ['S > T > a: passed', 'S > c.D > b: passed'],
    ],
    ['no name', '<testcase classname="c"/>', ['S > c > c: passed']],
  ])('%s', async (_, cases, outlined) => {
    expect(outline(await read(suite(cases)))).toEqual(outlined)
  })
})

test('a suite alone is a report, counts that are written in it are not believed', async () => {
  const xml =
    '<testsuite name="S" tests="7" failures="0"><testcase name="a"><failure/></testcase></testsuite>'
  expect(outline(await read(xml))).toEqual(['S > a: failed'])
})

test('output and properties are dropped, messages and stacks are kept', async () => {
  const secret = 'SECRET'
  const report = await read(
    suite(
      `<properties><property name="env" value="${secret}"/></properties>
      <testcase name="a" time="1,234.5" file="src/a.js" line="7">
        <failure message="1 is not 2" type="AssertionError"><![CDATA[Error: 1 is not 2
    at x (src/a.js:9:3)]]></failure>
        <system-out>${secret}</system-out><system-err><![CDATA[${secret}]]></system-err>
      </testcase>
      <testcase name="b"><flakyError message="m"><stackTrace>why</stackTrace><system-out>${secret}</system-out></flakyError></testcase>`,
    ),
  )
  expect(JSON.stringify(report)).not.toContain(secret)
  expect(report.tests[0]).toMatchObject({
    message: '1 is not 2',
    trace: 'Error: 1 is not 2\n    at x (src/a.js:9:3)',
    duration: 1_234_500,
    file: 'src/a.js',
    line: 7,
  })
  expect(report.tests[1]?.attempts[0]).toMatchObject({ status: 'failed', message: 'm', trace: 'why' })
})

describe('pytest counts lines from 0, nobody else does', () => {
  test.each<[attributes: string, line: number | undefined]>([
    ['file="tests/test_a.py" line="0"', 1],
    ['file="tests/test_a.py" line="11"', 12],
    ['file="tests/ATest.php" line="11"', 11],
    ['file="tests/ATest.php" line="0"', undefined],
    ['file="a.js" line="no"', undefined],
    ['file="a.py" class="C" line="3"', 3],
  ])('%s', async (attributes, line) => {
    const { tests } = await read(suite(`<testcase name="a" ${attributes}/>`))
    expect(tests[0]?.line).toBe(line)
  })
})

describe('XML that no parser takes is repaired, and the rest is not lost', () => {
  const rest = '<testcase name="later"><failure message="m"/></testcase>'
  test.each<[what: string, broken: string, name: string]>([
    ['a bare & in an attribute', '<testcase name="a & b"/>', 'a & b'],
    ['an unfinished entity', '<testcase name="a &amp b"/>', 'a &amp b'],
    ['an entity of a DTD', '<testcase name="a&lol;"/>', 'a&lol;'],
    ['a bare & in text', '<testcase name="a"><failure message="">x && y</failure></testcase>', 'a'],
    ['a bare < in an attribute', '<testcase name="a < b"/>', 'a < b'],
    ['a bare < in text', '<testcase name="a"><failure>1 < 2</failure></testcase>', 'a'],
    ['an escape character', '<testcase name="a\u001b[31mred"/>', 'a\ufffd[31mred'],
    ['an escape character as an entity', '<testcase name="a&#27;[31m"/>', 'a\ufffd[31m'],
    ['half a surrogate pair', '<testcase name="a&#xD83D;"/>', 'a\ufffd'],
    ['a zero', '<testcase name="a\u0000"/>', 'a\ufffd'],
    ['& in CDATA is text', '<testcase name="a"><failure><![CDATA[&amp; && <b> ]]></failure></testcase>', 'a'],
    ['an end of CDATA in text', '<testcase name="a"><failure>]]> x</failure></testcase>', 'a'],
  ])('%s', async (_, broken, name) => {
    const report = await read(suite(broken + rest))
    expect(report.problems).toEqual([])
    expect(report.tests.map(each => each.name)).toEqual([name, 'later'])
    expect(report.tests[1]?.status).toBe('failed')
  })

  test('what cannot be repaired is a failure, not a guess', async () => {
    const report = await read(suite('<testcase name="a"></wrong><testcase name=b/></testcase>'))
    expect(report.problems).toMatchObject([{ code: 'report-unreadable' }])
  })
})

test('lines of a log around the document do no harm', async () => {
  const report = await read(`npm warn x\n\n${suite('<testcase name="a"/>')}\nDone in 3 s.\n`)
  expect(outline(report)).toEqual(['S > a: passed'])
})

test('entities of a DTD are never expanded', async () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(1000)}"><!ENTITY b "&a;&a;&a;">]>`
  const { tests, problems } = await read(
    suite('<testcase name="&b;"/>').replace('<testsuites>', `${bomb}<testsuites>`),
  )
  expect(tests.map(({ name }) => name)).toEqual(['&b;'])
  expect(problems).toEqual([])
})

describe('the encoding is the one the report declares', () => {
  const xml =
    '<?xml version="1.0" encoding="X"?><testsuite name="S"><testcase name="gr\u00fc\u00df"/></testsuite>'
  test.each<[encoding: string, bytes: Buffer]>([
    ['utf-8', Buffer.from(`\ufeff${xml.replace('X', 'UTF-8')}`)],
    ['iso-8859-1', Buffer.from(xml.replace('X', 'ISO-8859-1'), 'latin1')],
    ['utf-16', Buffer.from(`\ufeff${xml.replace('X', 'UTF-16')}`, 'utf16le')],
    ['utf-16be', Buffer.from(`\ufeff${xml.replace('X', 'UTF-16')}`, 'utf16le').swap16()],
    ['unmarked', Buffer.from(xml.replace('X', 'UTF-16'), 'utf16le')],
    ['unknown', Buffer.from(xml.replace('X', 'nonsense'))],
  ])('%s', async (_, bytes) => {
    for (const size of [1, 3, 7, 65_536])
      expect(outline(await read(bytes, size))).toEqual(['S > gr\u00fc\u00df: passed'])
  })
})

test('a report that ends too early is never a whole one', async () => {
  const xml = suite(
    '<testcase name="a"/><testcase name="b"><failure message="m">t</failure></testcase><testcase name="c"/>',
  )
  const whole = xml.lastIndexOf('>')
  for (let length = 0; length < whole; length++) {
    const { problems } = await read(xml.slice(0, length))
    expect(problems).toHaveLength(1)
  }
  const torn = await read(xml.slice(0, xml.indexOf('t</failure>')))
  expect(outline(torn)).toEqual(['S > a: passed', 'S > b: failed', 'report-truncated'])
  const open = await read(xml.slice(0, xml.indexOf('<failure')))
  expect(outline(open)).toEqual(['S > a: passed', 'S > b: failed', 'report-truncated'])
})
