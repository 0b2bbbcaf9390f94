import { describe, expect, test } from '@jest/globals'
import { mayLeadTo } from './address.ts'

const leads = (from: string, to: string) => () => mayLeadTo(new URL(from), new URL(to))

describe('a public registry leads nobody into a private network', () => {
  test.each([
    'https://127.0.0.1/token',
    'http://localhost:8080/token',
    'https://169.254.169.254/latest',
    'https://10.1.2.3/x',
    'https://172.31.0.1/x',
    'https://192.168.1.1/x',
    'https://[::1]/x',
    'https://[fd00::1]/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://0x7f.1/x',
  ])('%s', to => expect(leads('https://reg.example', to)).toThrow(/private address/))

  test.each([
    ['https://reg.example', 'https://auth.example/token'],
    ['https://reg.example', 'https://172.32.0.1/x'],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5001/token'],
    ['https://10.0.0.5', 'https://10.0.0.6/token'],
  ])('%s may name %s', (from, to) => expect(leads(from, to)).not.toThrow())
})
