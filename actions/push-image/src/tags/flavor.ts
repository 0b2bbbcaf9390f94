// `flavor`: whether there is a tag `latest`, and what stands around every tag. Pure.
import { UserError } from '@gitops-relay/action-kit/user-error'

export interface Flavor {
  /** `auto`: as the rule of the highest priority that gives a tag has it. */
  latest: 'auto' | 'true' | 'false'
  prefix: string
  suffix: string
  /** Around `latest` itself. */
  latestPrefix: string
  latestSuffix: string
}

/** @throws UserError `bad-flavor` */
export function readFlavor(lines: readonly string[]): Flavor {
  const flavor: Flavor = { latest: 'auto', prefix: '', suffix: '', latestPrefix: '', latestSuffix: '' }
  for (const line of lines) {
    const bad = () =>
      new UserError(
        'bad-flavor',
        `"flavor" has ${JSON.stringify(line)}.`,
        'Write latest=auto, latest=true, latest=false, prefix=… or suffix=…, the last two with ,onlatest=true where wanted.',
      )
    const [, key, value = '', onLatest] =
      /^\s*(\w+)\s*=\s*([^,]*?)\s*(?:,\s*onlatest\s*=\s*(true|false)\s*)?$/.exec(line) ?? []
    if (
      key === 'latest' &&
      onLatest === undefined &&
      (value === 'auto' || value === 'true' || value === 'false')
    )
      flavor.latest = value
    else if (key === 'prefix')
      [flavor.prefix, flavor.latestPrefix] = [value, onLatest === 'true' ? value : '']
    else if (key === 'suffix')
      [flavor.suffix, flavor.latestSuffix] = [value, onLatest === 'true' ? value : '']
    else throw bad()
  }
  return flavor
}
