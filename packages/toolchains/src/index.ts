// Which tools a repository uses, their commands, caches and versions.
export { openCache, type Cache, type CacheEntry, type CacheResult } from './cache.ts'
export { detectToolchains } from './detect.ts'
export { openProject } from './project.ts'
export {
  toolchainNames,
  type Project,
  type TestCommand,
  type Toolchain,
  type ToolchainName,
} from './types.ts'
