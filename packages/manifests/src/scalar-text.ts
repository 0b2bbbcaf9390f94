// How a value is spelled: quotes stay, and a plain string is quoted exactly when some YAML would read it as something else.
import type { Scalar } from 'yaml'

/**
 * Would YAML 1.1, YAML 1.2 or go-yaml read this plain text as something other than this string?
 * Sources: yaml.org/type (1.1), YAML 1.2.2 section 10.3, go-yaml's resolve.go.
 *
 * @param flow inside `[ ]` or `{ }`, where commas and brackets end a plain scalar
 */
export function needsQuotes(text: string, flow = false): boolean {
  return notPlain.test(text) || (flow && /[,[\]{}]/.test(text)) || typed.some(pattern => pattern.test(text))
}

/** Empty; leading indicator; space at an end; `: `, ` #`; document marks; anything that is not printable on one line. */
const notPlain =
  // eslint-disable-next-line no-control-regex
  /^$|^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|^\s|\s$|:\s|:$|\s#|^(?:---|\.\.\.)|[\0-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/

// eslint-disable-next-line no-control-regex
const unprintable = /[\0-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/

const typed = [
  /^(?:~|null|y|n|yes|no|on|off|true|false|=|<<)$/i,
  /^[-+]?\.(?:inf|nan)$/i,
  /^[-+]?_*\d[\d_]*$/,
  /^[-+]?0(?:b[01_]+|o[0-7_]+|x[\da-f_]+)$/i,
  /^[-+]?(?:\d[\d_]*\.?[\d_]*|\.[\d_]*)(?:e[-+]?\d[\d_]*)?$/i,
  // Readers of YAML 1.1 take an exponent alone for a number.
  /^[-+]?e[-+]?\d[\d_]*$/i,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
  /^\d{4}-\d\d?-\d\d?(?:$|[Tt\s])/,
]

/** Is it a number, a boolean or null by YAML 1.2's core schema? */
export function isLiteral(text: string): boolean {
  return literal.test(text)
}

const literal =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+|[-+]?(?:\.\d+|\d+\.?\d*)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** A string in YAML, in the quotes that stood there; a JSON file has only double ones. */
export function spellString(
  text: string,
  { style, flow, json }: { style?: Scalar.Type | undefined; flow: boolean; json: boolean },
): string {
  if (json || style === 'QUOTE_DOUBLE') return doubleQuoted(text)
  if (style === 'QUOTE_SINGLE' && !unprintable.test(text)) {
    return `'${text.replaceAll("'", "''")}'`
  }
  return style === 'QUOTE_SINGLE' || needsQuotes(text, flow) ? doubleQuoted(text) : text
}

/** JSON's escapes are YAML's too; what YAML calls a line break or not printable is escaped on top. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
