// Templates of Go and Jinja around YAML: their actions give way to placeholders of the same length, so that places stay.

/** No reference, number or key that anybody writes has this character. */
export const placeholder = '\ue000'

const action = /\{\{[^]*?\}\}|\{%[^]*?%\}|\{#[^]*?#\}/g
/** A line, or more, with nothing but actions. */
const lines =
  /^[ \t]*(?:(?:\{\{(?:(?!\}\})[^])*\}\}|\{%(?:(?!%\})[^])*%\}|\{#(?:(?!#\})[^])*#\})[ \t]*)+(?=\r?$)/gm

export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}

/** Lines of actions become blank, and the other actions words. */
export function maskActions(text: string): string {
  return text
    .replaceAll(lines, found => found.replaceAll(/[^\r\n]/g, ' '))
    .replaceAll(action, found => found.replaceAll(/[^\r\n]/g, placeholder))
}
