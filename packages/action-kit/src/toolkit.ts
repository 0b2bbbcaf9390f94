// What the runner's own libraries read from the environment by themselves.

/** Archives of @actions/cache and the like are made below this directory, and go with it. */
export function lendToToolkit(temporaryDirectory: string): void {
  process.env['RUNNER_TEMP'] = temporaryDirectory
}
