// Text as GitHub takes it beside a state.

/** Characters of a description; more is refused. */
const LONGEST = 140

/**
 * One line of at most 140 characters, cut on a word. "description doesn't accept 4-byte Unicode", says GitHub
 * (ouzi-dev/commit-status-updater#527), so an emoji becomes `�`.
 */
export function descriptionOf(text: string): string {
  // eslint-disable-next-line no-control-regex
  const line = text
    .toWellFormed()
    .replaceAll(/[\0-\x20\x7f-\x9f\u2028\u2029]+/g, ' ')
    .replaceAll(/[\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .trim()
  if (line.length <= LONGEST) return line
  const head = line.slice(0, LONGEST - 1)
  const space = line[LONGEST - 1] === ' ' ? head.length : head.lastIndexOf(' ')
  // A word that fills half of the line is cut in its middle.
  return `${head.slice(0, space > LONGEST / 2 ? space : head.length).trimEnd()}…`
}
