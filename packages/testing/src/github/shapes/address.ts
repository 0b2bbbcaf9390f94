// Addresses as GitHub writes them into its answers.

/** Where API and pages are. */
export interface Places {
  /** Without a slash at the end. */
  api: string
  html: string
}

export interface Named {
  owner: string
  name: string
}

export const apiOf = ({ api }: Places, { owner, name }: Named) => `${api}/repos/${owner}/${name}`
export const htmlOf = ({ html }: Places, { owner, name }: Named) => `${html}/${owner}/${name}`

/** The same number for the same name, for what has no number here. */
export const numberFor = (name: string) =>
  Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7)

/** GitHub's own form of an id that GraphQL takes. */
export const nodeId = (kind: string, id: number | string) =>
  `${kind}_${Buffer.from(String(id)).toString('base64url')}`

export function fromNodeId(kind: string, text: string): string | undefined {
  return text.startsWith(`${kind}_`)
    ? Buffer.from(text.slice(kind.length + 1), 'base64url').toString()
    : undefined
}
