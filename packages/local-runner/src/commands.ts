// Lines of a step that speak to the runner.

export interface Command {
  /** Lower case. */
  name: string
  properties: Record<string, string>
  data: string
}

/** `::name key=value,…::data` after white space, or `##[name key=value;…]data` anywhere, as actions/runner reads them. */
export function parseCommand(line: string): Command | undefined {
  const modern = /^\s*::([\w-]+)(?:\s+(.*?))?::(.*)$/s.exec(line)
  if (modern !== null) return command(modern[1], modern[2]?.split(','), modern[3])
  const legacy = /##\[([\w-]+)(?:\s+([^\]]*))?\](.*)$/s.exec(line)
  return legacy === null ? undefined : command(legacy[1], legacy[2]?.split(';'), legacy[3])
}

function command(name = '', pairs: string[] = [], data = ''): Command {
  const properties = pairs.map(
    pair =>
      [pair.slice(0, pair.indexOf('=')).trim(), decodeProperty(pair.slice(pair.indexOf('=') + 1))] as const,
  )
  return {
    name: name.toLowerCase(),
    properties: Object.fromEntries(properties.filter(([key]) => key !== '')),
    data: decode(data),
  }
}

const decode = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
const decodeProperty = (text: string) => decode(text.replaceAll('%3A', ':').replaceAll('%2C', ','))

/** GITHUB_OUTPUT and its kin: `name=value` and heredocs. Thrown: Error where the runner fails the step. */
export function parseFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')]
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`Invalid format '${line}'.`)
      values[line.slice(0, equals)] = line.slice(equals + 1)
      continue
    }
    if (heredoc <= 0) throw new Error(`Invalid format '${line}'.`)
    const delimiter = line.slice(heredoc + 2)
    const end = lines.indexOf(delimiter, at + 1)
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'.`)
    values[line.slice(0, heredoc)] = lines.slice(at + 1, end).join('\n')
    at = end
  }
  return values
}
