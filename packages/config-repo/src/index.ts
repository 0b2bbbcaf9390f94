// The config repository: read files at a head, land one commit.
export { gitRepository } from './git-repository.ts'
export type { GitRepositoryOptions } from './git-repository.ts'
export { land, LandingStopped } from './landing.ts'
export type { Fight, Landed, Proposal } from './landing.ts'
export { createMatcher } from './tree.ts'
export { Transient } from './types.ts'
export type {
  Draft,
  FilePatterns,
  Head,
  Limits,
  PastCommit,
  Person,
  PushAnswer,
  Repository,
  RepositoryFile,
} from './types.ts'
export { branchName, hostOf, repositoryUrl } from './url.ts'
export type { RepositoryUrl } from './url.ts'
