// The files by which a step speaks to the runner, read by the runner's own rules.

/**
 * Reads GITHUB_OUTPUT, GITHUB_ENV or GITHUB_STATE: `name=value` lines, or `name<<delimiter` up to a line that is the
 * delimiter. Thrown: Error where the runner would fail the step.
 */
export function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')]
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      set(line.slice(0, equals), line.slice(equals + 1))
      continue
    }
    if (heredoc < 0) throw new Error(`Unable to process file command: Invalid format '${line}'`)
    const delimiter = line.slice(heredoc + 2)
    if (delimiter === '')
      throw new Error(`Unable to process file command: Invalid format '${line}'. Delimiter must not be empty`)
    const end = lines.indexOf(delimiter, at + 1)
    // The last piece of the split has no newline behind it, which the runner does not mind for the delimiter itself.
    if (end < 0)
      throw new Error(
        `Unable to process file command: Invalid value. Matching delimiter not found '${delimiter}'`,
      )
    set(line.slice(0, heredoc), lines.slice(at + 1, end).join('\n'))
    at = end
  }
  return values

  function set(name: string, value: string) {
    if (name === '') throw new Error('Unable to process file command: the name is empty')
    values[name] = value
  }
}
