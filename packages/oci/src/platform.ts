// Platforms: their many names as one, and which of several an image for one can be made of.
import type { Platform } from './types.ts'

/** Names that machines and tools use for an architecture of Go's. */
const NAMES: Record<string, Pick<Platform, 'architecture' | 'variant'>> = {
  i386: { architecture: '386' },
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
}

/** The variant that is meant where none is written. */
const USUAL: Record<string, string> = { amd64: 'v1', arm64: 'v8', arm: 'v7' }

/** `os/architecture[/variant]`. */
export const platformName = ({ os, architecture, variant }: Platform) =>
  [os, architecture, variant].filter(part => part !== undefined && part !== '').join('/')

/**
 * The platform under the name that containerd gives it: lower case, `arm64/v8` and `amd64/v1` without their variant,
 * `arm` with the one that is meant.
 */
export function normalise(platform: Platform): Platform {
  const os = platform.os.toLowerCase()
  const written = platform.architecture.toLowerCase()
  const known = NAMES[written] ?? { architecture: written }
  const { architecture } = known
  const said = (known.variant ?? platform.variant ?? '').toLowerCase().replace(/^(?=\d)/, 'v')
  const variant = architecture === '386' ? '' : architecture === 'arm' ? said || 'v7' : said
  const isPlain = variant === '' || (architecture !== 'arm' && variant === USUAL[architecture])
  return { os: os === 'macos' ? 'darwin' : os, architecture, ...(isPlain ? {} : { variant }) }
}

/** The one for `wanted`, or else the highest older variant, which its machines run as well. */
export function choosePlatform<T extends { platform?: Platform }>(
  offered: readonly T[],
  wanted: Platform,
): T | undefined {
  const target = normalise(wanted)
  const runnable = offered.flatMap(offer => {
    if (offer.platform === undefined) return []
    const found = normalise(offer.platform)
    const isKin = found.os === target.os && found.architecture === target.architecture
    const isSame = found.variant === target.variant
    return isKin && (isSame || level(found) < level(target)) ? [{ offer, level: level(found) }] : []
  })
  return runnable.toSorted((a, b) => b.level - a.level)[0]?.offer
}

const level = ({ architecture, variant = USUAL[architecture] ?? '' }: Platform) =>
  Number.parseFloat(variant.slice(1))
