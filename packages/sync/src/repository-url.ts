// When two URLs name the same repository.

/**
 * The parts of a git URL that tell repositories apart: host and path, without scheme, user, port 22 or 443, `.git`
 * and case, as Argo CD compares them. `git@host:owner/name.git` and `https://HOST/owner/name` are equal.
 */
export function normaliseRepository(url: string): string {
  const text = url.trim()
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/.exec(text)
  const [host, path] = scp ? [scp[1] ?? '', scp[2] ?? ''] : split(text)
  const name = path
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .replace(/^\/+/, '')
  return `${host}/${name}`.toLowerCase()
}

export const sameRepositoryUrl = (a: string, b: string): boolean =>
  normaliseRepository(a) === normaliseRepository(b)

function split(text: string): [host: string, path: string] {
  if (!URL.canParse(text)) return ['', text]
  const url = new URL(text)
  const standard = url.port === '22' || url.port === '443' || url.port === '80'
  return [standard ? url.hostname : url.host, url.pathname]
}
