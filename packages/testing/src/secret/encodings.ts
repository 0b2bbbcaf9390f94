// Twelve forms in which a secret travels, beside which a leak would be seen.

/** Form → the text to look for; forms that look like an earlier one are left out. */
export function encodings(secret: string): Map<string, string[]> {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].map(offset => base64At(bytes, offset))
  const [first = '', second = '', third = ''] = base64
  const forms: [string, string[]][] = [
    ['raw', [secret]],
    ['base64', [first]],
    ['base64, one byte in', [second]],
    ['base64, two bytes in', [third]],
    ['base64url', base64.map(text => text.replaceAll('+', '-').replaceAll('/', '_'))],
    ['hex', [bytes.toString('hex')]],
    ['HEX', [bytes.toString('hex').toUpperCase()]],
    [
      'URI',
      [encodeURIComponent(secret), new URLSearchParams({ _: secret }).toString().slice(2), encodeURI(secret)],
    ],
    ['JSON', [JSON.stringify(secret).slice(1, -1)]],
    [
      'XML',
      [
        secret.replace(/[&<>"']/g, sign => `&${names[sign]};`),
        secret.replace(/[&<>]/g, sign => `&${names[sign]};`),
      ],
    ],
    ['shell', [secret.replaceAll("'", String.raw`'\''`), secret.replace(/["\\$`]/g, String.raw`\$&`)]],
    ['reversed', [Array.from(secret).toReversed().join('')]],
  ]
  const seen = new Set<string>()
  return new Map(
    forms.map(([name, texts]) => [name, texts.filter(text => !seen.has(text) && seen.add(text))]),
  )
}

const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }

/** The digits that depend on nothing but the secret, wherever it stands in a longer text. */
function base64At(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  return text.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3))
}
