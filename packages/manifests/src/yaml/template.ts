// Templates of Go and Jinja around YAML: their actions give way to placeholders of the same length, so that places stay.

/** No reference, number or key that anybody writes has this character. */
export const placeholder = '\ue000'

const closers = new Map([
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
])

export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}

/** Lines of actions become blank, and the other actions words. Linear, whatever is opened and not closed. */
export function maskActions(text: string): string {
  const unclosed = new Set<string>()
  const opener = /\{[{%#]/g
  let [masked, at] = ['', 0]
  for (let found = opener.exec(text); found !== null; found = opener.exec(text)) {
    const end = unclosed.has(found[0]) ? -1 : text.indexOf(closers.get(found[0]) ?? '', found.index + 2)
    if (end < 0) {
      unclosed.add(found[0])
      continue
    }
    const action = text.slice(found.index, end + 2).replaceAll(/[^\r\n]/g, placeholder)
    masked += text.slice(at, found.index) + action
    at = opener.lastIndex = end + 2
  }
  return (masked + text.slice(at)).replaceAll(/^[ \t\ue000]+$/gm, line => ' '.repeat(line.length))
}
