// A commit as git stores it: read into its parts, and written.

export interface Person {
  name: string
  email: string
  /** As in ISO 8601, in seconds. */
  date: string
}

export interface CommitObject {
  sha: string
  tree: string
  parents: string[]
  author: Person
  committer: Person
  message: string
  /** With what was signed, which is the object without it. */
  signature?: { text: string; payload: string }
}

/** No key of anybody's: what it looks like is what matters to those who read it. */
const signature = `-----BEGIN PGP SIGNATURE-----

dGhlIHNpZ25hdHVyZSBvZiB0aGUgdGVzdCB3b3JsZA==
-----END PGP SIGNATURE-----`

/** The object's text. Signed ones carry a signature that nobody can check. */
export function commitText(commit: Omit<CommitObject, 'sha' | 'signature'>, isSigned: boolean): string {
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${identity(commit.author)}`,
    `committer ${identity(commit.committer)}`,
  ]
  const lines = isSigned ? [...head, `gpgsig ${signature.replaceAll('\n', '\n ')}`] : head
  return `${lines.join('\n')}\n\n${commit.message}`
}

const identity = ({ name, email, date }: Person) => `${name} <${email}> ${Date.parse(date) / 1000} +0000`

export function parseCommit(sha: string, text: string): CommitObject {
  const end = text.indexOf('\n\n')
  const header = text.slice(0, end)
  const field = (name: string) =>
    [...header.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, value = '']) => value)
  const [, signed] = /^gpgsig (.*(?:\n .*)*)$/m.exec(header) ?? []
  return {
    sha,
    tree: field('tree')[0] ?? '',
    parents: field('parent'),
    author: person(field('author')[0] ?? ''),
    committer: person(field('committer')[0] ?? ''),
    message: text.slice(end + 2),
    ...(signed === undefined
      ? {}
      : {
          signature: {
            text: signed.replaceAll('\n ', '\n'),
            payload: text.replace(`gpgsig ${signed}\n`, ''),
          },
        }),
  }
}

function person(text: string): Person {
  const [, name = '', email = '', seconds = '0'] = /^(.*?) ?<(.*?)> (\d+)/.exec(text) ?? []
  return { name, email, date: isoOf(Number(seconds) * 1000) }
}

/** GitHub writes times in whole seconds. */
export const isoOf = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
