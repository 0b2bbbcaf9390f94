import { describe, expect, test } from '@jest/globals'
import { detectToolchains } from './detect.ts'

/** A project made of `name` or `name=content`. */
const project = (...files: string[]) => {
  const contents = new Map(files.map(file => [file.split('=')[0] ?? '', file.split('=').slice(1).join('=')]))
  return {
    files: new Set(contents.keys()),
    read: (path: string) => Promise.resolve(contents.get(path) ?? ''),
  }
}
const BUILD = 'package.json={"scripts":{"build":"x"}}'

describe('what a project is built with', () => {
  test.each<{ files: string[]; wanted: string; commands: string[] }>`
    files                                                     | wanted    | commands
    ${[BUILD, 'package-lock.json']}                           | ${'auto'} | ${['npm ci --no-audit --no-fund', 'npm run build']}
    ${['package.json={}']}                                    | ${'auto'} | ${['npm install --no-audit --no-fund']}
    ${[BUILD, 'pnpm-lock.yaml']}                              | ${'auto'} | ${['pnpm install --frozen-lockfile', 'pnpm run build']}
    ${['package.json={"packageManager":"pnpm@10"}']}          | ${'auto'} | ${['pnpm install']}
    ${[BUILD, 'package-lock.json', 'pnpm-lock.yaml']}         | ${'pnpm'} | ${['pnpm install --frozen-lockfile', 'pnpm run build']}
    ${['go.mod', 'go.sum', 'cmd/a/main.go=package main']}     | ${'auto'} | ${['go mod download', 'go build -o bin/ ./...']}
    ${['go.mod', 'a.go=package a', 'a_test.go=package main']} | ${'auto'} | ${['go mod download', 'go build ./...']}
    ${['Makefile=all:']}                                      | ${'auto'} | ${['make']}
    ${['Makefile=build: x']}                                  | ${'auto'} | ${['make build']}
    ${[BUILD, 'Makefile=build:']}                             | ${'auto'} | ${['npm install --no-audit --no-fund', 'npm run build']}
    ${[BUILD, 'Makefile=build:']}                             | ${'make'} | ${['make build']}
    ${[BUILD, 'go.mod']}                                      | ${'auto'} | ${['npm install --no-audit --no-fund', 'npm run build', 'go mod download', 'go build ./...']}
    ${[BUILD]}                                                | ${'none'} | ${[]}
  `('$files by $wanted', async ({ files, wanted, commands }) => {
    const found = await detectToolchains(project(...files), [wanted])
    expect(
      found.flatMap(({ install, build }) => [install, build].flatMap(argv => argv?.join(' ') ?? [])),
    ).toEqual(commands)
  })
})

describe('what is refused', () => {
  test.each<{ files: string[]; wanted: string; code: string; says: string }>`
    files                                             | wanted     | code                     | says
    ${[BUILD, 'package-lock.json', 'pnpm-lock.yaml']} | ${'auto'}  | ${'ambiguous-toolchain'} | ${'package-lock.json, pnpm-lock.yaml'}
    ${['README.md']}                                  | ${'auto'}  | ${'no-toolchain'}        | ${'package.json, go.mod and a Makefile'}
    ${['go.mod']}                                     | ${'npm'}   | ${'no-toolchain'}        | ${'"npm"'}
    ${['Cargo.toml']}                                 | ${'auto'}  | ${'not-yet'}             | ${'Cargo.toml'}
    ${['Cargo.toml']}                                 | ${'cargo'} | ${'not-yet'}             | ${'"cargo"'}
    ${[BUILD, 'yarn.lock']}                           | ${'auto'}  | ${'not-yet'}             | ${'"yarn"'}
    ${['go.mod', 'requirements.txt']}                 | ${'auto'}  | ${'not-yet'}             | ${'"pip"'}
    ${['go.mod']}                                     | ${'rake'}  | ${'unknown-toolchain'}   | ${'"rake"'}
    ${['package.json={']}                             | ${'auto'}  | ${'bad-package'}         | ${'not valid JSON'}
  `('$files by $wanted: $code', async ({ files, wanted, code, says }) => {
    const detected = detectToolchains(project(...files), [wanted])
    await expect(detected).rejects.toMatchObject({ code, message: expect.stringContaining(says) })
  })
})
