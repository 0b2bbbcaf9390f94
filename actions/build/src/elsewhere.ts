// Inputs of other actions that people bring along, in lower case as the runner hands them on, and what they are called here.

export const elsewhere: Readonly<Record<string, string>> = {
  run: 'Write it as "command".',
  script: 'Write it as "command".',
  'build-command': 'Write it as "command".',
  build_command: 'Write it as "command".',
  install: 'Write it as "install-command".',
  cwd: 'Write it as "working-directory".',
  'project-directory': 'Write it as "working-directory".',
  'cache-dependency-path': 'The lock file is found in "working-directory".',
  'node-version': 'Set the version up in a step before.',
  'go-version': 'Set the version up in a step before.',
  'python-version': 'Set the version up in a step before.',
  'java-version': 'Set the version up in a step before.',
  env: 'Write it as "env" of the step, and name it in "pass-env".',
}
