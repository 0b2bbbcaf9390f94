// The elements of one array in a JSON document of any size, one at a time.

export interface Elements {
  write: (text: string) => void
  /** Was the document complete? */
  end(): boolean
}

const LONGEST = 4 * 1024 * 1024

/**
 * Finds the array at `path`, names of properties from the root, and hands over the text of each object in it; one over
 * 4 Mi characters is handed over as `undefined`.
 */
export function createElements(
  path: readonly string[],
  element: (json: string | undefined) => void,
): Elements {
  const wanted = ['', ...path].join('\0')
  // The property under which each open object or array stands; '' for the root and in arrays.
  const stack: string[] = []
  let began = false
  let inString = false
  let isEscaped = false
  let text = ''
  let key = ''
  let collected: string | undefined
  let isTooLong = false

  const keep = (piece: string) => {
    if (collected === undefined) return
    if (collected.length + piece.length > LONGEST) isTooLong = true
    else collected += piece
  }

  return {
    write(piece) {
      let from = 0
      for (let at = 0; at < piece.length; at++) {
        const sign = piece[at] ?? ''
        if (inString) {
          if (isEscaped) isEscaped = false
          else if (sign === '\\') isEscaped = true
          else if (sign === '"') inString = false
          else if (text.length < 64) text += sign
        } else if (sign === '"') {
          inString = true
          text = ''
        } else if (sign === ':') key = text
        else if (sign === '{' || sign === '[') {
          if (
            sign === '{' &&
            collected === undefined &&
            stack.length === path.length + 1 &&
            stack.join('\0') === wanted
          ) {
            collected = ''
            isTooLong = false
            from = at
          }
          stack.push(key)
          key = ''
          began = true
        } else if (sign === '}' || sign === ']') {
          stack.pop()
          if (collected !== undefined && stack.length === path.length + 1) {
            keep(piece.slice(from, at + 1))
            element(isTooLong ? undefined : collected)
            collected = undefined
          }
        }
      }
      keep(piece.slice(from))
    },
    end: () => began && stack.length === 0 && !inString,
  }
}
