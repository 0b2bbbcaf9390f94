import { describe, expect, test } from '@jest/globals'
import { sameRepositoryUrl } from './repository-url.ts'

const URL = 'https://github.com/example/config'

describe(`${URL} is the same repository as`, () => {
  test.each([
    'https://github.com/example/config.git',
    'https://github.com/example/config/',
    'https://GitHub.com/Example/Config.git',
    'https://x-access-token:secret@github.com/example/config',
    'git@github.com:example/config.git',
    'ssh://git@github.com/example/config',
    'ssh://git@github.com:22/example/config.git',
    'http://github.com:80/example/config',
  ])('%s', other => expect(sameRepositoryUrl(URL, other)).toBe(true))
})

describe(`${URL} is not`, () => {
  test.each([
    'https://github.com/example/config2',
    'https://github.com/example/config.github',
    'https://github.com:8443/example/config',
    'https://git.example/example/config',
    'git@github.com:other/config.git',
    '',
    'https://github.com/example/%ff',
  ])('%s', other => expect(sameRepositoryUrl(URL, other)).toBe(false))
})
