// Go: main packages are built into bin/.
import type { Project, Toolchain } from '../types.ts'

export async function detectGo({ files, read }: Project): Promise<Toolchain | undefined> {
  if (!files.has('go.mod')) return undefined
  return {
    name: 'go',
    evidence: files.has('go.sum') ? 'go.sum' : 'go.mod',
    setup: 'actions/setup-go',
    install: ['go', 'mod', 'download'],
    // `go build -o bin/` refuses a module without a main package.
    build: (await hasMain(files, read)) ? ['go', 'build', '-o', 'bin/', './...'] : ['go', 'build', './...'],
    version: ['go', 'version'],
    ...(files.has('go.sum')
      ? { cache: { directory: ['go', 'env', 'GOMODCACHE'] as const, lock: 'go.sum' } }
      : {}),
    artifacts: ['bin/**'],
  }
}

async function hasMain(files: ReadonlySet<string>, read: Project['read']): Promise<boolean> {
  const sources = [...files].filter(
    file => file.endsWith('.go') && !file.endsWith('_test.go') && !/(?:^|\/)(?:vendor|testdata)\//.test(file),
  )
  for (const file of sources) if (/^package main\b/m.test(await read(file))) return true
  return false
}
