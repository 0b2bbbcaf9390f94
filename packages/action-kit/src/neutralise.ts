// Foreign text made harmless for whoever reads our log: the runner's command parser and a person's terminal.

/**
 * Splits foreign text into lines that the runner can never take for a workflow command.
 *
 * The runner accepts `::name::` after any leading white space and the older `##[name]` anywhere in a line, on both
 * streams, and it ends a line at a lone carriage return too (actions/runner, ActionCommand.TryParse and ReadLine).
 * Both get a visible backslash. Colours stay; every other control character goes, for they move a terminal's cursor.
 */
export function neutralise(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map(line =>
    line
      .replace(CONTROL, sequence => (COLOUR.test(sequence) ? sequence : ''))
      .replaceAll('##[', '##\\[')
      .replace(COMMAND, '$1\\::'),
  )
}

// An escape sequence (CSI, OSC up to its end), or one control character; tabs are text.
// oxlint-disable-next-line no-control-regex
const CONTROL = /\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\0-\x08\x0b-\x1f\x7f-\x9f]/g
// oxlint-disable-next-line no-control-regex
const COLOUR = /^\x1b\[[0-9;:]*m$/
// White space as .NET trims it. A colour before the colons hides nothing from a person, and must not from us.
// oxlint-disable-next-line no-control-regex
const COMMAND = /^((?:\s|\u180e|\x1b\[[0-9;:]*m)*)::/
