// What the runner hides in logs: the secret and the forms that its own encoders know, and nothing more.

export interface Masks {
  add(secret: string): void
  hide(text: string): string
  holds(text: string): boolean
}

export function createMasks(): Masks {
  const hidden = new Set<string>()
  const hide = (text: string) =>
    [...hidden]
      .sort((a, b) => b.length - a.length)
      .reduce((result, form) => result.replaceAll(form, '***'), text)
  return {
    add(secret) {
      for (const line of [secret, ...secret.split(/\r?\n/)].map(one => one.trim())) {
        for (const form of line === '' ? [] : encodings(line)) if (form !== '') hidden.add(form)
      }
    },
    hide,
    holds: text => hide(text) !== text,
  }
}

/** actions/runner, HostContext: raw, base64 at three offsets, JSON, URI, XML, quotes taken away. */
function encodings(secret: string): string[] {
  const base64 = [0, 1, 2].map(shift =>
    Buffer.from(secret)
      .subarray(shift)
      .toString('base64')
      .replace(/.{0,2}=*$/, ''),
  )
  return [
    secret,
    ...base64.filter(form => form.length >= 8),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&apos;'),
    secret.replace(/^"(.*)"$/s, '$1'),
  ]
}
