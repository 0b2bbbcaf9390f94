// What other rooms may use of this package.
export * from './types.ts'
export { evaluate } from './evaluate.ts'
export { normaliseRepository, sameRepositoryUrl } from './repository-url.ts'
export { readApplication, FIELDS, type Application } from './argocd/application.ts'
