// Secrets and every form of them that must not be read anywhere.

/** Shorter texts occur by chance; hiding them would make a log unreadable. */
const SHORTEST = 4
/** From this length on, derived forms are hidden too, and nobody needs to be warned. */
const SAFE = 8

/** What hides secrets in one process. */
export interface Masks {
  /**
   * Adds a secret: each of its lines, and the derived forms of those.
   * @returns the texts that the runner should hide as well, and whether one was too short to be hidden well
   */
  add(secret: string): { forms: string[]; short: boolean }
  /** The text with every hidden form replaced by `***`. */
  redact(text: string): string
}

export function createMasks(): Masks {
  const hidden = new Set<string>()
  let pattern: RegExp | undefined
  return {
    add(secret) {
      const lines = secret.split(/\r?\n/).map(line => line.trim())
      const found = (lines.length > 1 ? [...lines, secret] : lines).filter(line => line !== '')
      const forms = [...new Set(found.flatMap(formsOf))].filter(form => form.length >= SHORTEST)
      for (const form of forms) hidden.add(form)
      // Longest first, so that a form inside a longer one does not leave the rest of it behind.
      const longestFirst = [...hidden].sort((a, b) => b.length - a.length)
      pattern =
        hidden.size === 0
          ? undefined
          : new RegExp(longestFirst.map(form => RegExp.escape(form)).join('|'), 'g')
      return { forms, short: lines.length === 1 && secret.length > 0 && secret.length < SAFE }
    },
    redact: text => (pattern === undefined ? text : text.replace(pattern, '***')),
  }
}

/**
 * A secret and the forms in which it travels: base64 at the three offsets it can have inside a longer text (both
 * alphabets), hex, percent-encoding, JSON and XML escapes, the parts of a JWT, and GitHub's Basic credentials.
 */
export function formsOf(secret: string): string[] {
  if (secret.length < SAFE) return [secret]
  const encoded = [...base64Anywhere(secret), ...base64Anywhere(`x-access-token:${secret}`).slice(0, 1)]
  return [
    secret,
    ...encoded,
    ...encoded.map(text => text.replaceAll('+', '-').replaceAll('/', '_')),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    secret.replace(/[&<>"']/g, sign => XML[sign] ?? sign),
    secret.toUpperCase(),
    secret.split('').toReversed().join(''),
    ...(/^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret) ? secret.split('.').filter(part => part.length >= 16) : []),
  ]
}

const XML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** The characters of base64 that depend on nothing but the secret, for each place it can have in a group of three. */
function base64Anywhere(text: string): string[] {
  const bytes = Buffer.from(text)
  return [0, 1, 2].map(offset => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor(((offset + bytes.length) * 8) / 6)
    return encoded.slice(first, last)
  })
}
