import { expect, test } from '@jest/globals'
import { readReport } from './read-report.ts'

async function* bytesOf(
  head: string,
  block: string,
  times: number,
  tail: string,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head)
  const bytes = Buffer.from(block)
  for (let turn = 0; turn < times; turn++) yield bytes
  yield Buffer.from(tail)
}

const peak = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.memoryUsage().rss
  await work()
  return (process.memoryUsage().rss - before) / 1024 / 1024
}

const head = '<testsuites><testsuite name="S"><testcase name="a"/><system-out>'
const tail = '</system-out><testcase name="b"><failure message="m"/></testcase></testsuite></testsuites>'
const log = 'a line of a log, "quoted" & <not a tag\n'.repeat(1600)

test.each([
  ['CDATA', `${head}<![CDATA[`, log, `]]>${tail}`],
  ['text', head, log.replace(/[<&]/g, ''), tail],
])(
  'a log of 120 MB in %s costs little memory, and what comes after it is read',
  async (_, before, block, after) => {
    let report: Awaited<ReturnType<typeof readReport>> | undefined
    const megabytes = await peak(async () => {
      report = await readReport(bytesOf(before, block, 2000, after))
    })
    expect(report?.problems).toEqual([])
    expect(report?.tests.map(({ name, status }) => `${name}: ${status}`)).toEqual(['a: passed', 'b: failed'])
    expect(megabytes).toBeLessThan(150)
  },
)
