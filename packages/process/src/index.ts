// Children: argv only, a scrubbed environment, output without power, an end that leaves nobody behind.
export { scrubbedEnvironment } from './environment.ts'
export { execute } from './execute.ts'
export { probe } from './probe.ts'
export { relay } from './relay.ts'
export { shellScript } from './script.ts'
export type * from './types.ts'
