import { describe, expect, test } from '@jest/globals'
import { array, assert, constantFrom, property } from 'fast-check'
import { neutralise } from './neutralise.ts'

/** The runner's own rules, written from actions/runner's ActionCommand: both syntaxes, after its line splitting. */
function isCommand(line: string): boolean {
  const modern = line.replace(/^[\s\u0085\u180e]+/, '')
  return (modern.startsWith('::') && modern.indexOf('::', 2) > 0) || /##\[[^\]]+\]/.test(line)
}

describe('foreign text is never a workflow command', () => {
  test.each<{ text: string; printed: string[] }>`
    text                              | printed
    ${'plain text'}                   | ${['plain text']}
    ${'::set-output name=a::b'}       | ${['\\::set-output name=a::b']}
    ${'  \t::error::x'}               | ${['  \t\\::error::x']}
    ${'note ##[error]x'}              | ${['note ##\\[error]x']}
    ${'progress\r::warning::x'}       | ${['progress', '\\::warning::x']}
    ${'a\r\nb\n'}                     | ${['a', 'b', '']}
    ${'\x1b[31m::error::x\x1b[0m'}    | ${['\x1b[31m\\::error::x\x1b[0m']}
    ${'\x1b[2J\x1b]0;title\x07::a::'} | ${['\\::a::']}
    ${'std::vector<int> and a::b'}    | ${['std::vector<int> and a::b']}
  `('$text', ({ text, printed }) => {
    expect(neutralise(text)).toEqual(printed)
  })

  test('whatever it is made of', () => {
    const pieces = constantFrom(
      '::',
      ':',
      '##',
      '[',
      '##[',
      ']',
      ' ',
      '\t',
      '\r',
      '\n',
      '\u0085',
      '\x1b[0m',
      '\0',
      'error',
      'add-mask',
    )
    assert(
      property(array(pieces, { maxLength: 20 }), parts => {
        for (const line of neutralise(parts.join(''))) expect(isCommand(line)).toBe(false)
      }),
    )
  })
})
