// The CTRF file that this run leaves for later steps.
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { writeCtrf, type CtrfRun, type Test } from '@gitops-relay/test-reports'

/** @returns its absolute path; two steps of a job never share one */
export async function writeReport(
  tests: readonly Test[],
  directory: string,
  run: Omit<CtrfRun, 'timestamp'>,
): Promise<string> {
  const path = join(directory, `gitops-relay-tests-${randomBytes(6).toString('hex')}.ctrf.json`)
  const pieces = Readable.from(writeCtrf(tests, { ...run, timestamp: new Date(run.stop).toISOString() }))
  await pipeline(pieces, createWriteStream(path, { flags: 'wx' }))
  return path
}
