// Foreign text cut to what a person reads: no colours, no control characters, the middle of a long text left out.

const MESSAGE = 4096
const HEAD = 12 * 1024
const TAIL = 4 * 1024

// oxlint-disable-next-line no-control-regex
const UNSEEN = /\x1b\[[0-9;:?]*[ -/]*[@-~]|[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g

// oxlint-disable-next-line no-control-regex
const ANY = /[\0-\x08\x0b-\x1f\x7f]/

/** Text without escape sequences and control characters, for they are of no use in a report. */
export function plain(text: string): string {
  return ANY.test(text) ? text.replace(UNSEEN, '').replace(/\r\n?/g, '\n') : text
}

export function message(text: string): string {
  const trimmed = plain(text.length > 2 * MESSAGE ? text.slice(0, 2 * MESSAGE) : text).trim()
  return trimmed.length > MESSAGE ? `${trimmed.slice(0, MESSAGE)}…` : trimmed
}

/** Both ends are kept: the top names the failure, the end of a pytest trace its line. */
export function trace(text: string): string {
  const trimmed = plain(text).trim()
  if (trimmed.length <= HEAD + TAIL) return trimmed
  return `${trimmed.slice(0, HEAD)}\n…\n${trimmed.slice(-TAIL)}`
}
