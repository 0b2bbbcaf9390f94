// Markdown for summaries, safe whatever the text holds.

/** One line of foreign text: no markup, no HTML, no mention, no reference to an issue; line ends become spaces. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]()|~!#]/g, '\\$&')
    .replace(/[&<>]/g, sign => ENTITIES[sign] ?? sign)
    .replace(/@(?=\w)|(?<=\\#)(?=\d)/g, '$&&#8203;')
    .replace(/^([-+>=]|\d+[.)])(?=\s|$|=|-)/, '&#8203;$1')
}

/** Foreign text in the font of code; unlike backticks it also holds in a table. */
export function inlineCode(text: string): string {
  return `<code>${oneLine(text).replace(/[^\w\s./:,;=+-]/gu, sign => `&#${sign.codePointAt(0)};`)}</code>`
}

/** Cells are Markdown already; escape what is not. No row, no table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  return [tableLine(header), tableLine(header.map(() => '---')), ...rows.map(tableLine), ''].join('\n')
}

const tableLine = (cells: readonly string[]) =>
  `| ${cells.map(cell => cell.replace(/\r?\n/g, '<br>')).join(' | ')} |`

/** Folded; `title` is foreign text, `body` is Markdown. */
export function details(title: string, body: string): string {
  return `<details><summary>${escapeMarkdown(title)}</summary>\n\n${body.trimEnd()}\n\n</details>\n`
}

/** Foreign text in a block whose fence it cannot close. */
export function codeBlock(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(run => run[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}\n`
}

/**
 * A summary of at most `limit` bytes: whole lines from its beginning, open blocks closed, and a note of what is missing.
 * The runner refuses more than 1 MiB of a step altogether.
 */
export function cutSummary(markdown: string, limit = 900 * 1024): string {
  if (Buffer.byteLength(markdown) <= limit) return markdown
  const lines = markdown.split('\n')
  let fence = ''
  let folded = 0
  let bytes = 0
  let kept = 0
  for (; kept < lines.length; kept++) {
    const line = lines[kept] ?? ''
    bytes += Buffer.byteLength(line) + 1
    if (bytes > limit - 200) break
    const mark = /^`{3,}/.exec(line)?.[0] ?? ''
    if (fence === '') fence = mark
    else if (line.trimEnd() === fence) fence = ''
    if (fence === '') folded += line.split('<details>').length - line.split('</details>').length
  }
  const note = `*The summary was too long: ${lines.length - kept} more lines are missing here.*`
  return [
    ...lines.slice(0, kept),
    fence,
    ...Array<string>(Math.max(0, folded)).fill('</details>'),
    '',
    note,
    '',
  ].join('\n')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\s*[\r\n]+\s*/g, ' ').replace(/[\0-\x08\x0b-\x1f\x7f]/g, '')
}
