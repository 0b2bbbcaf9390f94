// Inputs of other actions that people bring along, in lower case as the runner hands them on, and what they are called here.

export const elsewhere: Readonly<Record<string, string>> = {
  run: 'Write it as "command".',
  'test-script': 'Write it as "command".',
  cwd: 'Write it as "working-directory".',
  files: 'Write it as "report-paths".',
  paths: 'Write it as "report-paths".',
  path: 'Write it as "report-paths".',
  report_paths: 'Write it as "report-paths".',
  test_results: 'Write it as "report-paths".',
  junit_files: 'Write it as "report-paths".',
  reporter: 'The format is recognised; take it out.',
  'fail-on-error': 'A failed test always fails the step; use continue-on-error of the step.',
  fail_on: 'A failed test always fails the step; use continue-on-error of the step.',
  'fail-on-empty': 'Set "min-tests" to the number that must run.',
  require_tests: 'Set "min-tests" to the number that must run.',
  github_token: 'No token is needed; take it out.',
  token: 'No token is needed; take it out.',
  check_name: 'Results are annotations and the summary of this step; take it out.',
  threshold: 'Write it as "coverage-threshold".',
  'max-retries': 'Write it as "retries".',
}
