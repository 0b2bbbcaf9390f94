// Runs workflow files on this machine as the hosted runner would.
export { terminalReporter, type TerminalOptions } from './terminal.ts'
export type * from './types.ts'
export { runWorkflow } from './workflow.ts'
