// XML as test tools write it made XML as a parser takes it, piece by piece.

const ENTITY = '&(?:#\\d{1,7}|#x[\\da-fA-F]{1,6}|amp|lt|gt|quot|apos);'
const MARK = new RegExp(`${ENTITY}|&|<!\\[CDATA\\[|<!--|<(?![\\w!?/:\\u0080-\\uffff])`, 'g')
// Longest thing that must not be torn: `<![CDATA[`, `&#x10ffff;`.
const LONGEST = 11
const RUN = 1024 * 1024

// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

/**
 * Repairs what producers get wrong and a parser would stumble over, or would silently lose the rest of the file after:
 * a bare `&` (all but the five entities of XML, so that none of a DTD ever counts), a bare `<`, characters that XML
 * forbids, as they are or as `&#27;`. More than 1 MiB without a tag (a log in `system-out`) loses its words.
 */
export function createRepair(): (piece: string, isLast?: boolean) => string {
  let carry = ''
  let within: '' | ']]>' | '-->' = ''
  let run = 0

  /** Text up to the next tag is one run; of a run that is too long only the signs stay that a parser may wait for. */
  const shorten = (text: string): string => {
    const tag = within === '' ? text.indexOf('<') : -1
    run += tag === -1 ? text.length : tag
    const isLong = run > RUN
    if (tag !== -1) run = text.length - text.lastIndexOf('<')
    if (!isLong) return text
    const words = within === '' ? /[^"'<>&]+/g : /[^\]>-]+/g
    return tag === -1 ? text.replace(words, '') : text.slice(0, tag).replace(words, '') + text.slice(tag)
  }

  return (piece, isLast = false) => {
    const text = carry + piece
    const safe = isLast ? text.length : cut(text)
    carry = text.slice(safe)
    let repaired = ''
    let at = 0
    while (at < safe) {
      if (within !== '') {
        const end = text.indexOf(within, at)
        const stop = end === -1 || end + 3 > safe ? safe : end + 3
        repaired += shorten(text.slice(at, stop))
        if (stop === end + 3) within = ''
        at = stop
        continue
      }
      MARK.lastIndex = at
      const mark = MARK.exec(text)
      if (mark === null || mark.index >= safe) {
        repaired += shorten(text.slice(at, safe))
        break
      }
      repaired += shorten(text.slice(at, mark.index)) + replacement(mark[0])
      if (mark[0].startsWith('<!')) run = 0
      if (mark[0] === '<![CDATA[') within = ']]>'
      if (mark[0] === '<!--') within = '-->'
      at = mark.index + mark[0].length
    }
    return repaired.replace(FORBIDDEN, '\ufffd')
  }
}

function replacement(mark: string): string {
  if (mark === '&') return '&amp;'
  if (mark === '<') return '&lt;'
  const code = /^&#(x?)([\da-f]+);$/i.exec(mark)
  if (code === null) return mark
  const point = Number.parseInt(code[2] ?? '', code[1] === '' ? 10 : 16)
  return isAllowed(point) ? mark : '\ufffd'
}

function isAllowed(point: number): boolean {
  if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd
  return point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff) && point !== 0xfffe && point !== 0xffff
}

/** Where a piece can end without tearing a mark, the end of a section, or a pair of surrogates. */
function cut(text: string): number {
  const from = Math.max(0, text.length - LONGEST)
  const torn = text.slice(from).search(/[&<\]-][^;>]*$|[\ud800-\udbff]$/)
  return torn === -1 ? text.length : from + torn
}
