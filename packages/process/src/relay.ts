// A child's output in our log, where it has no power but what its author was meant to have.
import type { Log, Place } from '@gitops-relay/action-kit'

/**
 * @param commands `none`: whatever looks like a workflow command is neutralised. `annotations`: for the user's own
 *   command; notices, warnings and errors count against our budget, groups become headings, all else is neutralised
 */
export function relay(
  log: Log,
  { commands }: { commands: 'none' | 'annotations' },
): (line: string, stream?: 'stdout' | 'stderr') => void {
  return line => {
    const command = commands === 'annotations' ? parseCommand(line) : undefined
    if (command === undefined) return log.foreign(line)
    const { name, text, place } = command
    if (name === 'endgroup') return
    if (name === 'group') return log.foreign(`▸ ${text}`)
    if (name === 'debug') return log.debug(text)
    log[name](text, place)
  }
}

type Relayed = 'group' | 'endgroup' | 'debug' | 'notice' | 'warning' | 'error'
const RELAYED: readonly Relayed[] = ['group', 'endgroup', 'debug', 'notice', 'warning', 'error']

/** `::name key=value,…::text` at the beginning of a line, of a name that may pass. */
function parseCommand(line: string): { name: Relayed; text: string; place?: Place } | undefined {
  const found = /^\s*::([a-z]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/i.exec(line)
  const name = RELAYED.find(candidate => candidate === found?.[1]?.toLowerCase())
  if (found === null || name === undefined) return undefined
  const properties = new Map(
    (found[2] ?? '').split(',').flatMap(pair => {
      const [key = '', ...value] = pair.split('=')
      return value.length === 0 ? [] : [[key.trim().toLowerCase(), decodeProperty(value.join('='))] as const]
    }),
  )
  const file = properties.get('file')
  const text = decode(found[3] ?? '')
  if (file === undefined) return { name, text }
  const number = (key: string) =>
    /^\d{1,9}$/.test(properties.get(key) ?? '') ? Number(properties.get(key)) : undefined
  const [line_, endLine, column, title] = [
    number('line'),
    number('endline'),
    number('col'),
    properties.get('title'),
  ]
  return {
    name,
    text,
    place: {
      file,
      ...(line_ === undefined ? {} : { line: line_ }),
      ...(endLine === undefined ? {} : { endLine }),
      ...(column === undefined ? {} : { column }),
      ...(title === undefined ? {} : { title }),
    },
  }
}

const decode = (text: string) => text.replace(/%0D/gi, '\r').replace(/%0A/gi, '\n').replace(/%25/g, '%')
const decodeProperty = (text: string) => decode(text.replace(/%3A/gi, ':').replace(/%2C/gi, ','))
