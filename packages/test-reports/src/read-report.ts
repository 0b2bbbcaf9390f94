// A report from its bytes, whichever format it is in.
import { createCtrfReader } from './ctrf/read.ts'
import { decode } from './decode.ts'
import { createFold } from './fold.ts'
import { createJunitReader } from './junit/junit.ts'
import { HEAD, recognise } from './recognise.ts'
import { createTapReader } from './tap/tap.ts'
import type { Format, Problem, Reader, Report, Sink } from './types.ts'

const READERS: Partial<Record<Format, (sink: Sink) => Reader>> = {
  junit: createJunitReader,
  tap: createTapReader,
  ctrf: createCtrfReader,
}

const NAMES: Readonly<Record<Format, string>> = {
  junit: 'JUnit XML',
  tap: 'TAP',
  ctrf: 'CTRF',
  trx: 'TRX',
  xunit: 'xUnit XML',
  nunit: 'NUnit XML',
  'go-test': 'go test -json',
  jest: 'jest or vitest JSON',
  mocha: 'mocha JSON',
  playwright: 'playwright JSON',
}

/**
 * Reads a report to its end, in memory that grows with its tests only. Never throws for what the bytes hold: what is
 * wrong with them is in `problems`, and the tests that could be read are there all the same.
 */
export async function readReport(bytes: AsyncIterable<Uint8Array>): Promise<Report> {
  const fold = createFold()
  const problems: Problem[] = []
  const sink: Sink = { entry: fold.add, problem: problem => void problems.push(problem) }
  let head: string | undefined = ''
  let format: Format | undefined
  let reader: Reader | undefined

  const begin = (text: string) => {
    format = recognise(text)
    head = undefined
    const create = format && READERS[format]
    if (create !== undefined) reader = create(sink)
    else problems.push(refusal(format, text))
    reader?.write(text)
  }
  for await (const text of decode(bytes)) {
    if (head === undefined) reader?.write(text)
    else {
      head += text
      const isKnown = head.length >= HEAD.enough && recognise(head) !== undefined
      if (isKnown || head.length >= HEAD.most) begin(head)
    }
    if (head === undefined && reader === undefined) break
  }
  if (head !== undefined) begin(head)
  reader?.end()
  return { format, tests: fold.tests, problems }
}

function refusal(format: Format | undefined, head: string): Problem {
  if (format !== undefined)
    return { code: 'not-yet', sentence: `It is ${NAMES[format]}, which is not read yet.` }
  if (head.trim() === '') return { code: 'report-truncated', sentence: 'It is empty.' }
  return { code: 'report-unreadable', sentence: 'It is in no format of test reports that is known.' }
}
