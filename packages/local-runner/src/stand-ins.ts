// Actions of others, as far as a workflow on this machine needs them; each says that it is a stand-in.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface StandInContext {
  root: string
  sha: string
  workspace: string
  inputs: Readonly<Record<string, string>>
  print: (line: string) => void
}
/** Gives outputs. Thrown: Error when the step fails. */
export type StandIn = (context: StandInContext) => Promise<Record<string, string>>

const run = promisify(execFile)

const checkout: StandIn = async ({ root, sha, workspace, inputs, print }) => {
  const { repository = '', path = '.' } = inputs
  if (repository !== '' || path !== '.')
    throw new Error('The stand-in checks out this repository only, into the workspace.')
  const git = (...args: string[]) => run('git', args, { cwd: workspace })
  await git('init', '--quiet', '.')
  await git('fetch', '--quiet', '--no-tags', root, sha).catch(() => git('fetch', '--quiet', root, 'HEAD'))
  await git('checkout', '--quiet', '--detach', sha)
  print(`checked out ${sha.slice(0, 12)}`)
  return { commit: sha }
}

/** The tool must be here already; which version, the step may not choose. */
const tool =
  (program: string, ...args: string[]): StandIn =>
  async ({ print }) => {
    const { stdout } = await run(program, args).catch(() => {
      throw new Error(`${program} is not installed on this machine.`)
    })
    print(stdout.split('\n')[0] ?? '')
    return {}
  }
const nothing: StandIn = ({ print }) => {
  print('does nothing here')
  return Promise.resolve({})
}

const STAND_INS: Readonly<Record<string, StandIn>> = {
  'actions/checkout': checkout,
  'actions/setup-node': tool('node', '--version'),
  'actions/setup-go': tool('go', 'version'),
  'actions/setup-python': tool('python3', '--version'),
  'actions/setup-java': tool('java', '--version'),
  'pnpm/action-setup': tool('pnpm', '--version'),
  'docker/login-action': nothing,
  'aws-actions/configure-aws-credentials': nothing,
  'aws-actions/amazon-ecr-login': nothing,
  'google-github-actions/auth': nothing,
  'azure/login': nothing,
  'actions/create-github-app-token': () => Promise.resolve({ token: 'stand-in-app-token' }),
}

/** @param name `owner/repo` in any case */
export const standInFor = (name: string): StandIn | undefined => STAND_INS[name.toLowerCase()]
