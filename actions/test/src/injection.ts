// How the runners behind a command are made to report to us, without a change to any file of the project.

/** Variables for the command alone. */
export type Injection = Readonly<Record<string, string>>

export interface Wanted {
  /** Absolute; the reporters of this action. */
  reporters: string
  /** Absolute; where they write. */
  directory: string
  /** `NODE_OPTIONS` as the step has it. */
  nodeOptions: string
  /** The texts of the command, and of the scripts that it may run. */
  scripts: readonly string[]
  /** Can the command's Node take `--test-reporter`? */
  hasTestReporters: boolean
}

/**
 * `NODE_OPTIONS` reaches every Node process of the command: node:test takes a further reporter from it (its own child
 * processes ignore that, they report to their parent), jest an argument from the preloaded file.
 */
export function inject({ reporters, directory, nodeOptions, scripts, hasTestReporters }: Wanted): Injection {
  const options = [
    nodeOptions,
    `--require ${quote(`${reporters}/preload.cjs`)}`,
    ...(hasTestReporters ? (testReporters(`${reporters}/node-test.mjs`, scripts) ?? []) : []),
  ]
  return { GITOPS_RELAY_REPORTS: directory, NODE_OPTIONS: options.filter(option => option !== '').join(' ') }
}

/** The same for a jest that sets `NODE_OPTIONS` itself. */
export function jestArguments(reporters: string): string[] {
  return [`--testResultsProcessor=${reporters}/jest-results.cjs`, '--testLocationInResults']
}

/**
 * Node wants as many destinations as reporters, over the environment and the command line together, so what the scripts
 * say decides; undefined when that cannot be completed for all of them at once.
 */
function testReporters(reporter: string, scripts: readonly string[]): string[] | undefined {
  const ours = [`--test-reporter=${quote(reporter)}`, '--test-reporter-destination=stdout']
  const given = scripts
    .flatMap(script => script.split(/&&|\|\||[;\n]/))
    .map(command => ({
      reporters: command.match(/--test-reporter(?=[= ])/g)?.length ?? 0,
      destinations: command.match(/--test-reporter-destination(?=[= ])/g)?.length ?? 0,
      isTest: /\bnode\b.*--test\b/.test(command),
    }))
    .filter(({ isTest, reporters }) => isTest || reporters > 0)
  const kinds = new Set(given.map(({ reporters, destinations }) => kindOf(reporters, destinations)))
  if (kinds.size > 1) return undefined
  const [kind = 'none'] = kinds
  if (kind === 'none') return ['--test-reporter=spec', '--test-reporter-destination=stdout', ...ours]
  if (kind === 'complete') return ours
  return kind === 'bare' ? [...ours, '--test-reporter-destination=stdout'] : undefined
}

function kindOf(reporters: number, destinations: number): 'none' | 'complete' | 'bare' | 'odd' {
  if (reporters === destinations) return reporters === 0 ? 'none' : 'complete'
  return reporters === 1 && destinations === 0 ? 'bare' : 'odd'
}

/** As Node reads NODE_OPTIONS: quotes hold blanks together, a backslash takes the next sign as it is. */
function quote(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path
}
