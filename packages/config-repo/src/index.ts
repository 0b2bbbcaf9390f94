// The config repository: read files at a head, land one commit.
export { apiRepository } from './api-repository.ts'
export type { ApiRepositoryOptions } from './api-repository.ts'
export { gitRepository } from './git-repository.ts'
export type { GitRepositoryOptions } from './git-repository.ts'
export { land, LandingStopped } from './landing.ts'
export type { Fight, Landed, Proposal } from './landing.ts'
export { gitHubPlace } from './place.ts'
export type { Place, Server } from './place.ts'
export { isOursAlone, ownershipMark, planPull, pullBranch, pullBranchName } from './pull-branch.ts'
export type { PullHead, PullPlan } from './pull-branch.ts'
export { mergePull } from './pull-merge.ts'
export type { Merge, MergeMethod } from './pull-merge.ts'
export { pullRequests } from './pull-requests.ts'
export type { PullRequest, PullRequests, PullRequestWish } from './pull-requests.ts'
export { privateKey, sshAccess } from './ssh.ts'
export type { SshAccess } from './ssh.ts'
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
  Target,
} from './types.ts'
export { branchName, hostOf, repositoryUrl } from './url.ts'
export type { RepositoryUrl } from './url.ts'
export { readVerification } from './verification.ts'
export type { Verification } from './verification.ts'
