// Certificates of our own making, so that TLS is tested without a key in the repository and without openssl.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'

export interface Identity {
  /** PEM. */
  cert: string
  /** PEM, PKCS #8. */
  key: string
}

export interface Subject {
  /** CN; in Kubernetes the name of a user. */
  name?: string
  /** O; in Kubernetes the groups of a user. */
  organizations?: readonly string[]
  /** DNS names and IPv4 addresses of a server. */
  hosts?: readonly string[]
  years?: readonly [from: number, until: number]
}

export interface Authority {
  /** PEM; its own signature. */
  readonly cert: string
  issue(subject: Subject): Identity
}

/** An authority (ECDSA, P-256) whose certificates follow X.509 (RFC 5280). */
export function certificateAuthority(name = 'test authority'): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = distinguishedName(name, [])
  const make = (key: KeyObject, subject: Buffer, extensions: Buffer[], years: readonly number[]) =>
    pem(signed(own.privateKey, [issuer, sequence(...years.map(time)), subject, spki(key)], extensions))
  const isAuthority = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))))
  return {
    cert: make(own.publicKey, issuer, [isAuthority], CENTURY),
    issue({ name: subject = 'test', organizations = [], hosts = [], years = CENTURY }) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const alternatives = extension('551d11', sequence(...hosts.map(hostName)))
      const cert = make(publicKey, distinguishedName(subject, organizations), [alternatives], years)
      return { cert, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) }
    },
  }
}

const CENTURY = [2020, 2120] as const

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const short = body.length < 128 ? [body.length] : [0x81, body.length]
  const length = body.length < 256 ? short : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const time = (year: number) => der(0x18, Buffer.from(`${year}0101000000Z`))
const extension = (id: string, value: Buffer) => sequence(oid(id), der(0x04, value))
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
const hostName = (host: string) =>
  isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host))

function distinguishedName(name: string, organizations: readonly string[]): Buffer {
  const part = (id: string, value: string) => der(0x31, sequence(oid(id), der(0x0c, Buffer.from(value))))
  return sequence(...organizations.map(value => part('55040a', value)), part('550403', name))
}

function signed(key: KeyObject, parts: readonly Buffer[], extensions: readonly Buffer[]): Buffer {
  const algorithm = sequence(oid('2a8648ce3d040302'))
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const serial = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]))
  const toSign = sequence(version, serial, algorithm, ...parts, der(0xa3, sequence(...extensions)))
  return sequence(toSign, algorithm, der(0x03, Buffer.from([0]), sign('sha256', toSign, key)))
}

const pem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
