// What a log tells the runner: annotations and masks, in both syntaxes, with `stop-commands` obeyed.

export interface LoggedAnnotation {
  level: 'notice' | 'warning' | 'error'
  message: string
  /** `file`, `line`, `endLine`, `col`, `title` as they were written. */
  properties: Record<string, string>
}

export interface Commands {
  annotations: LoggedAnnotation[]
  masks: string[]
  /** The lines as a log shows them before masking: the values of `add-mask` are not in it. */
  lines: string[]
}

export function readCommands(lines: readonly string[]): Commands {
  const found: Commands = { annotations: [], masks: [], lines: [] }
  let stopped: string | undefined
  for (const line of lines) {
    const command = parseCommand(line)
    if (stopped !== undefined) {
      if (command?.name === stopped) stopped = undefined
      found.lines.push(line)
      continue
    }
    if (command?.name === 'stop-commands') stopped = command.message
    if (command?.name === 'add-mask') found.masks.push(command.message)
    else found.lines.push(line)
    const level = (['notice', 'warning', 'error'] as const).find(name => name === command?.name)
    if (command !== undefined && level !== undefined)
      found.annotations.push({ level, message: command.message, properties: command.properties })
  }
  return found
}

function parseCommand(line: string) {
  const [, name = '', list = '', data = ''] =
    /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/s.exec(line) ?? /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/s.exec(line) ?? []
  if (name === '') return undefined
  const properties: Record<string, string> = {}
  for (const property of list.split(/[,;]/)) {
    const [key = '', ...value] = property.trim().split('=')
    if (key !== '') properties[key] = unescape(value.join('=')).replaceAll('%3A', ':').replaceAll('%2C', ',')
  }
  return { name: name.toLowerCase(), properties, message: unescape(data) }
}

const unescape = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
