// The lines of a stack that name a place in a file, from top to bottom.

export interface Frame {
  /** As the tool wrote it. */
  path: string
  /** From 1. */
  line: number
  column?: number
}

// `at name (path:1:2)`, `at async path:1:2`, `at file:///path:1:2`: V8, as node and jest print it.
const V8 = /^\s*at (?:async )?(?:.*? \()?((?:file:\/\/)?[^()]*?|.*?):(\d+):(\d+)\)?(?: \{)?$/
// `path:1:2: message` or `path:1: message` at the beginning of a line, as compilers and many assertion libraries say it.
const PREFIX = /^\s*((?:[A-Za-z]:)?[^\s:()'"]+\.\w+):(\d+)(?::(\d+))?(?::|$)/
// `path: message (1:2)`: Babel, on a file that it cannot parse.
const SYNTAX = /^\s*(?:SyntaxError: )?((?:[A-Za-z]:)?[^\s:()'"]+\.\w+): .*\((\d+):(\d+)\)$/

/** Frames of the runtime itself are left out. */
export function framesOf(text: string): Frame[] {
  return text.split('\n').flatMap(each => {
    if (each.length > 4096) return []
    const match = V8.exec(each) ?? PREFIX.exec(each) ?? SYNTAX.exec(each)
    if (match === null) return []
    const path = pathOf(match[1] ?? '')
    if (path === undefined) return []
    const column = match[3] === undefined ? {} : { column: Number(match[3]) }
    return [{ path, line: Number(match[2]), ...column }]
  })
}

function pathOf(written: string): string | undefined {
  const text = written.trim()
  if (
    text === '' ||
    /^(?:node|internal|eval|native|webpack-internal|data|https?):/.test(text) ||
    text.startsWith('<')
  ) {
    return undefined
  }
  if (!text.startsWith('file://')) return text
  try {
    return decodeURIComponent(text.slice('file://'.length)).replace(/^\/([A-Za-z]:\/)/, '$1')
  } catch {
    return undefined
  }
}
