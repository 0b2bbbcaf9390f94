// Versions of programs: Semantic Versioning 2.0.0 and PEP 440, as far as tags are made of them. Pure.

export interface Version {
  /** Normalised, without `v` and without build metadata. */
  version: string
  major: string
  minor: string
  patch: string
  /** A plain release; nobody's latest is anything else. */
  isRelease: boolean
}

const NUMBER = '(0|[1-9]\\d*)'
const SEMVER = new RegExp(
  `^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([\\w-]+(?:\\.[\\w-]+)*))?(?:\\+[\\w-]+(?:\\.[\\w-]+)*)?$`,
)

export function readSemver(text: string): Version | undefined {
  const [, major, minor, patch, prerelease] = SEMVER.exec(text.trim()) ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const release = `${major}.${minor}.${patch}`
  return {
    version: prerelease === undefined ? release : `${release}-${prerelease}`,
    major,
    minor,
    patch,
    isRelease: prerelease === undefined,
  }
}

const PEP440 =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?<preNumber>\d*))?(?:-(?<bare>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d*))?(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i
const PRE: Record<string, string> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' }

const number = (digits = '') => String(Number(digits || 0))

export function readPep440(text: string): Version | undefined {
  const groups = PEP440.exec(text.trim())?.groups
  if (groups === undefined) return undefined
  const of = (name: string): string | undefined => groups[name]?.toLowerCase()
  const numbers = (of('release') ?? '').split('.').map(part => number(part))
  const [major = '0', minor = '0', patch = '0'] = numbers
  const pre = of('pre')
  const isPost = of('post') !== undefined || of('bare') !== undefined
  const local = of('local')
  const version = [
    of('epoch') === undefined ? '' : `${number(of('epoch'))}!`,
    numbers.join('.'),
    pre === undefined ? '' : `${PRE[pre] ?? pre}${number(of('preNumber'))}`,
    isPost ? `.post${number(of('bare') ?? of('postNumber'))}` : '',
    of('dev') === undefined ? '' : `.dev${number(of('devNumber'))}`,
    local === undefined ? '' : `+${local.replaceAll(/[-_]/g, '.')}`,
  ].join('')
  const isRelease = pre === undefined && !isPost && of('dev') === undefined
  return { version, major, minor, patch, isRelease }
}

/** Is there a higher release among these tags than this one? */
export function isOutdone({ major, minor, patch }: Version, tags: readonly string[]): boolean {
  const own = [major, minor, patch].map(Number)
  return tags.some(tag => {
    const other = readSemver(tag)
    if (!other?.isRelease) return false
    const theirs = [other.major, other.minor, other.patch].map(Number)
    const at = theirs.findIndex((part, index) => part !== own[index])
    return at >= 0 && (theirs[at] ?? 0) > (own[at] ?? 0)
  })
}
