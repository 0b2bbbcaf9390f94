// WWW-Authenticate, by RFC 9110 section 11.6.1.

export interface Challenge {
  /** Lower case. */
  scheme: string
  parameters: ReadonlyMap<string, string>
}

/** All challenges of a header; quoted values may hold commas and escapes. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  const token = /\s*,?\s*([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+))?/y
  for (let found = token.exec(header); found !== null; found = token.exec(header)) {
    const [, name = '', value] = found
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() })
    else
      challenges
        .at(-1)
        ?.parameters.set(
          name.toLowerCase(),
          value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value,
        )
  }
  return challenges
}
