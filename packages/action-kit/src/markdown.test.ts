import { describe, expect, test } from '@jest/globals'
import { codeBlock, cutSummary, details, escapeMarkdown, inlineCode, table } from './markdown.ts'

describe('foreign text has no power in a summary', () => {
  test.each<{ text: string; written: string }>`
    text                   | written
    ${'plain 1.2.3'}       | ${'plain 1.2.3'}
    ${'*bold* `x`'}        | ${'\\*bold\\* \\`x\\`'}
    ${'<img src=x>'}       | ${'&lt;img src=x&gt;'}
    ${'ask @someone'}      | ${'ask @&#8203;someone'}
    ${'fixes #12'}         | ${'fixes \\#&#8203;12'}
    ${'a | b\nc'}          | ${'a \\| b c'}
    ${'[x](javascript:y)'} | ${'\\[x\\]\\(javascript:y\\)'}
    ${'- item'}            | ${'&#8203;- item'}
  `('$text', ({ text, written }) => {
    expect(escapeMarkdown(text)).toBe(written)
  })
})

test('code cannot be left', () => {
  expect(codeBlock('```\nx')).toBe('````\n```\nx\n````\n')
  expect(inlineCode('a|b</code>`')).toBe('<code>a&#124;b&#60;/code&#62;&#96;</code>')
})

test('a table without rows is nothing', () => {
  expect(table(['a'], [])).toBe('')
  expect(table(['a', 'b'], [['1', '2\n3']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2<br>3 |\n')
})

test('a long summary is cut on a line, and what was open is closed', () => {
  const long = details('log', codeBlock('é line\n'.repeat(1000)))
  const cut = cutSummary(`### head\n\n${long}`, 2000)
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(2000)
  expect(cut).toMatch(
    /é line\n```\n<\/details>\n\n\*The summary was too long: \d+ more lines are missing here\.\*\n$/,
  )
  expect(cutSummary('short', 2000)).toBe('short')
})
