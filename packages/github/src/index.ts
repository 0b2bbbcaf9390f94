// The GitHub API as these actions need it.
export { answerOf } from './answer.ts'
export type { Answer } from './answer.ts'
export { ApiError } from './api-error.ts'
export { createGitHub } from './client.ts'
export type { GitHubOptions } from './client.ts'
export type { Call, GitHub, Parameters } from './types.ts'
