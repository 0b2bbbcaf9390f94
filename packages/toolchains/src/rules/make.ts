// make: counts only where nothing else was found, for a Makefile beside another tool usually calls that tool.
import type { Project, Toolchain } from '../types.ts'

export async function detectMake({ files, read }: Project): Promise<Toolchain | undefined> {
  // The order in which GNU make looks.
  const evidence = ['GNUmakefile', 'makefile', 'Makefile'].find(name => files.has(name))
  if (evidence === undefined) return undefined
  const hasBuild = /^build\s*:(?!=)/m.test(await read(evidence))
  return {
    name: 'make',
    evidence,
    setup: 'the package "make" of the runner\'s system',
    build: hasBuild ? ['make', 'build'] : ['make'],
    version: ['make', '--version'],
    artifacts: ['bin/**', 'build/**', 'dist/**', 'out/**'],
  }
}
