import { availableParallelism } from 'node:os'
import type { Config } from 'jest'
import { inLane } from './test/lane.ts'

const config: Config = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.cjs' },
  testMatch: ['<rootDir>/{actions,packages,test,scripts}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/real/', '/test/bench/'],
  modulePathIgnorePatterns: ['/dist/', '/test/fixtures/'],
  coverageProvider: 'v8',
  // Most of a test here is waiting for a process or a server.
  maxWorkers: Math.max(3, availableParallelism()),
  // A worker that has grown large pays for it at each process that it starts.
  workerIdleMemoryLimit: '300MB',
  testTimeout: inLane(20_000, 3_600_000),
}
export default config
