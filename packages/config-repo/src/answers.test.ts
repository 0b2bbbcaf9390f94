import { describe, expect, test } from '@jest/globals'
import { pushAnswer, readFailure } from './answers.ts'

const asked = { url: 'https://git.example/acme/config', branch: 'main' }
const line = (flag: string, summary: string) =>
  `To ${asked.url}\n${flag}\tabc:refs/heads/main\t${summary}\nDone\n`
const push = (stdout: string, stderr = '', exitCode = 1) =>
  pushAnswer({ exitCode, stdout, stderr, timedOut: false }, 'abc', asked)

describe('what git says after a push', () => {
  test.each`
    kind         | stdout                                                                                        | stderr
    ${'landed'}  | ${line(' ', '1111111..2222222')}                                                              | ${''}
    ${'landed'}  | ${line('*', '[new branch]')}                                                                  | ${''}
    ${'landed'}  | ${line('=', '[up to date]')}                                                                  | ${''}
    ${'moved'}   | ${line('!', '[rejected] (fetch first)')}                                                      | ${''}
    ${'moved'}   | ${line('!', '[rejected] (non-fast-forward)')}                                                 | ${''}
    ${'moved'}   | ${line('!', '[rejected] (stale info)')}                                                       | ${''}
    ${'moved'}   | ${line('!', "[remote rejected] (cannot lock ref 'refs/heads/main': is at 2 but expected 1)")} | ${''}
    ${'moved'}   | ${line('!', '[remote rejected] (failed to update ref)')}                                      | ${"remote: error: cannot lock ref 'refs/heads/main'"}
    ${'moved'}   | ${line('!', '[remote rejected] (incorrect old value provided)')}                              | ${''}
    ${'moved'}   | ${line('!', '[remote rejected] (failed)')}                                                    | ${''}
    ${'unclear'} | ${line('!', '[remote failure] (remote failed to report status)')}                             | ${''}
    ${'unclear'} | ${''}                                                                                         | ${'error: RPC failed; curl 52 Empty reply from server\nfatal: the remote end hung up unexpectedly'}
    ${'unclear'} | ${''}                                                                                         | ${'send-pack: unexpected disconnect while reading sideband packet'}
    ${'unclear'} | ${''}                                                                                         | ${'error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502'}
    ${'unclear'} | ${''}                                                                                         | ${'fatal: unable to access: The requested URL returned error: 429'}
    ${'unclear'} | ${''}                                                                                         | ${''}
  `('$kind: $stdout $stderr', ({ kind, stdout, stderr }) => {
    expect(push(String(stdout), String(stderr)).kind).toBe(kind)
  })

  test.each`
    code                  | stdout                                                                                                                                                   | stderr
    ${'branch-protected'} | ${line('!', '[remote rejected] (protected branch hook declined)')}                                                                                       | ${'remote: error: GH006: Protected branch update failed for refs/heads/main.'}
    ${'branch-protected'} | ${line('!', '[remote rejected] (push declined due to repository rule violations)')}                                                                      | ${'remote: error: GH013: Repository rule violations found for refs/heads/main.\nremote: - Changes must be made through a pull request.'}
    ${'no-permission'}    | ${line('!', '[remote rejected] (refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml` without `workflows` permission)')} | ${''}
    ${'hook-declined'}    | ${line('!', '[remote rejected] (pre-receive hook declined)')}                                                                                            | ${'remote: nope'}
    ${'shallow-refused'}  | ${line('!', '[remote rejected] (shallow update not allowed)')}                                                                                           | ${''}
    ${'push-rejected'}    | ${line('!', '[remote rejected] (the moon is full)')}                                                                                                     | ${''}
    ${'no-permission'}    | ${''}                                                                                                                                                    | ${'remote: Permission to acme/config.git denied to github-actions[bot].\nfatal: unable to access: The requested URL returned error: 403'}
    ${'no-permission'}    | ${''}                                                                                                                                                    | ${'remote: Write access to repository not granted.'}
    ${'unauthorized'}     | ${''}                                                                                                                                                    | ${"fatal: could not read Username for 'https://git.example': terminal prompts disabled"}
    ${'unauthorized'}     | ${''}                                                                                                                                                    | ${"fatal: Authentication failed for 'https://git.example/acme/config/'"}
    ${'no-repository'}    | ${''}                                                                                                                                                    | ${"remote: Repository not found.\nfatal: repository 'https://git.example/acme/config/' not found"}
    ${'branch-protected'} | ${line('!', '[remote rejected] (push declined due to repository rule violations)')}                                                                      | ${'remote: error: GH013: Repository rule violations found for refs/heads/main.\nremote: - Commits must have verified signatures.'}
    ${'push-rejected'}    | ${line('!', '[remote rejected] (push declined due to repository rule violations)')}                                                                      | ${'remote: error: GH013: Repository rule violations found.\nremote: - Push cannot contain secrets'}
    ${'branch-protected'} | ${line('!', '[remote rejected] (pre-receive hook declined)')}                                                                                            | ${'remote: GitLab: You are not allowed to push code to protected branches on this project.'}
    ${'branch-protected'} | ${line('!', '[remote rejected] (TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.)')}                | ${''}
    ${'quota'}            | ${line('!', '[remote rejected] (pre-receive hook declined)')}                                                                                            | ${'remote: error: GH001: Large files detected.'}
    ${'quota'}            | ${line('!', '[remote rejected] (pre-receive hook declined)')}                                                                                            | ${'remote: GitLab: Your push to this repository would cause it to exceed the allocated quota of 10 GiB.'}
    ${'read-only'}        | ${''}                                                                                                                                                    | ${'ERROR: This repository was archived so it is read-only.\nfatal: Could not read from remote repository.'}
    ${'no-permission'}    | ${''}                                                                                                                                                    | ${'ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read from remote repository.'}
    ${'unauthorized'}     | ${''}                                                                                                                                                    | ${'remote: Support for password authentication was removed on August 13, 2021.'}
    ${'unauthorized'}     | ${''}                                                                                                                                                    | ${'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.'}
    ${'unknown-host'}     | ${''}                                                                                                                                                    | ${'No ED25519 host key is known for github.com and you have requested strict checking.\nHost key verification failed.'}
    ${'bad-key'}          | ${''}                                                                                                                                                    | ${'Load key "/tmp/ssh-key": error in libcrypto\ngit@github.com: Permission denied (publickey).'}
    ${'no-permission'}    | ${''}                                                                                                                                                    | ${"fatal: detected dubious ownership in repository at '/srv/config.git'"}
    ${'bad-certificate'}  | ${''}                                                                                                                                                    | ${'fatal: unable to access: SSL certificate problem: self-signed certificate'}
  `('refused as $code: $stdout $stderr', ({ code, stdout, stderr }) => {
    expect(push(String(stdout), String(stderr))).toMatchObject({
      kind: 'refused',
      error: { name: 'UserError', code },
    })
  })
})

describe('a read that failed', () => {
  test.each`
    name           | stderr
    ${'UserError'} | ${"fatal: couldn't find remote ref refs/heads/main"}
    ${'UserError'} | ${'fatal: unable to access: The requested URL returned error: 404'}
    ${'UserError'} | ${'fatal: unable to update url base from redirection'}
    ${'Transient'} | ${'fatal: unable to access: Could not resolve host: git.example'}
    ${'Transient'} | ${'fatal: unable to access: The requested URL returned error: 503'}
    ${'Transient'} | ${'fatal: early EOF'}
  `('is $name: $stderr', ({ name, stderr }) => {
    expect(
      readFailure({ exitCode: 128, stdout: '', stderr: String(stderr), timedOut: false }, asked).name,
    ).toBe(name)
  })
})
