// What the tests of this package share: bytes in pieces, and a report in one line a test.
import { readReport } from './read-report.ts'
import type { Report } from './types.ts'

/** The bytes of a text in pieces of `size`. */
export async function* pieces(text: string | Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export const read = (text: string | Uint8Array, size?: number): Promise<Report> =>
  readReport(pieces(text, size))

/** `suite > name: status`, `~` for a flaky one, and the codes of the problems. */
export function outline({ tests, problems }: Report): string[] {
  return [
    ...tests.map(
      ({ suite, name, status, flaky }) => `${[...suite, name].join(' > ')}: ${flaky ? '~' : ''}${status}`,
    ),
    ...problems.map(({ code }) => code),
  ]
}
