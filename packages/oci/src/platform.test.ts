import { describe, expect, test } from '@jest/globals'
import { choosePlatform, normalise, platformName } from './platform.ts'
import type { Platform } from './types.ts'

const platform = (name: string): Platform => {
  const [os = '', architecture = '', variant] = name.split('/')
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
}

describe('one machine has one name', () => {
  test.each<{ written: string; name: string }>`
    written             | name
    ${'linux/amd64'}    | ${'linux/amd64'}
    ${'linux/amd64/v1'} | ${'linux/amd64'}
    ${'linux/amd64/v3'} | ${'linux/amd64/v3'}
    ${'linux/x86_64'}   | ${'linux/amd64'}
    ${'Linux/X86-64'}   | ${'linux/amd64'}
    ${'linux/arm64'}    | ${'linux/arm64'}
    ${'linux/arm64/v8'} | ${'linux/arm64'}
    ${'linux/arm64/8'}  | ${'linux/arm64'}
    ${'linux/aarch64'}  | ${'linux/arm64'}
    ${'linux/arm64/v9'} | ${'linux/arm64/v9'}
    ${'linux/arm'}      | ${'linux/arm/v7'}
    ${'linux/arm/7'}    | ${'linux/arm/v7'}
    ${'linux/arm/v6'}   | ${'linux/arm/v6'}
    ${'linux/armhf'}    | ${'linux/arm/v7'}
    ${'linux/armel'}    | ${'linux/arm/v6'}
    ${'linux/i386'}     | ${'linux/386'}
    ${'linux/386/sse2'} | ${'linux/386'}
    ${'linux/riscv64'}  | ${'linux/riscv64'}
    ${'macOS/arm64'}    | ${'darwin/arm64'}
  `('$written is $name', ({ written, name }) => {
    const found = normalise(platform(written))
    expect(platformName(found)).toBe(name)
    expect(normalise(found)).toEqual(found)
  })
})

describe('what an image for a platform is made of', () => {
  test.each<{ wanted: string; offered: string; chosen: string | undefined }>`
    wanted              | offered                                                 | chosen
    ${'linux/arm64'}    | ${'linux/amd64 linux/arm/v7 linux/arm64/v8'}            | ${'linux/arm64/v8'}
    ${'linux/arm64/v8'} | ${'linux/arm64'}                                        | ${'linux/arm64'}
    ${'linux/arm'}      | ${'linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm64'} | ${'linux/arm/v7'}
    ${'linux/arm/v7'}   | ${'linux/arm/v5 linux/arm/v6'}                          | ${'linux/arm/v6'}
    ${'linux/arm/v6'}   | ${'linux/arm/v7'}                                       | ${undefined}
    ${'linux/amd64/v3'} | ${'linux/amd64/v4 linux/amd64 linux/amd64/v2'}          | ${'linux/amd64/v2'}
    ${'linux/amd64'}    | ${'linux/amd64/v2 windows/amd64'}                       | ${undefined}
    ${'linux/amd64'}    | ${'unknown/unknown linux/amd64'}                        | ${'linux/amd64'}
    ${'linux/s390x'}    | ${'linux/amd64 linux/s390x'}                            | ${'linux/s390x'}
  `('$wanted of $offered: $chosen', ({ wanted, offered, chosen }) => {
    const offers = offered.split(' ').map(name => ({ name, platform: platform(name) }))
    expect(choosePlatform(offers, platform(wanted))?.name).toBe(chosen)
    expect(choosePlatform(offers.toReversed(), platform(wanted))?.name).toBe(chosen)
  })

  test('an entry without a platform is for nobody', () => {
    expect(choosePlatform([{}], platform('linux/amd64'))).toBeUndefined()
  })
})
