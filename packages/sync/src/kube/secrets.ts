// What must be hidden of a kubeconfig before anything is done with it.
import { array, object, text, type Fields } from '../fields.ts'
import { readDocument } from './document.ts'

/** Shorter settings of plugins, such as `true` or a number, are no secrets, and hiding them would spoil a log. */
const SHORTEST_SETTING = 8

/**
 * Every text of a kubeconfig that is or may be a secret: tokens, passwords, keys and certificates of clients (as they
 * stand there, and the decoded key line by line), what plugins are given in their environment or in an argument whose
 * name says so, what `auth-provider` remembers, and passwords of proxies.
 * @throws UserError `kubeconfig-unreadable`
 */
export function secretsOf(kubeconfig: string): string[] {
  const document = readDocument(kubeconfig)
  const entries = (kind: string) => array(document[`${kind}s`]).map(item => object(object(item)[kind]))
  const found = [...entries('user').flatMap(ofUser), ...entries('cluster').flatMap(ofProxy)]
  return [...new Set(found.filter(secret => secret.trim() !== ''))]
}

function ofUser(user: Fields): string[] {
  const key = text(user['client-key-data'])
  const exec = object(user['exec'])
  const settings = array(exec['env']).map(entry => text(object(entry)['value']))
  return [
    ...['token', 'password', 'client-certificate-data', 'client-key-data'].map(field => text(user[field])),
    ...Buffer.from(key, 'base64')
      .toString()
      .split(/\r?\n/)
      .filter(line => !line.startsWith('-----')),
    ...[...settings, ...secretArguments(array(exec['args']).map(text))].filter(
      setting => setting.length >= SHORTEST_SETTING,
    ),
    ...Object.values(object(object(user['auth-provider'])['config'])).map(text),
  ]
}

/** `--client-secret=x` and `--client-secret x`. */
function secretArguments(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    const [, value] = /^--?[\w-]*(?:secret|token|password|key)[\w-]*(?:=(.*))?$/is.exec(arg) ?? [
      undefined,
      null,
    ]
    return value === null ? [] : [value ?? args[index + 1] ?? '']
  })
}

function ofProxy(cluster: Fields): string[] {
  const password = URL.parse(text(cluster['proxy-url']))?.password ?? ''
  return [password, decoded(password)]
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
