const CODES = { green: 32, yellow: 33, red: 31, dim: 2, bold: 1 } as const;

/** How a piece of text is shown on a terminal that has colours. */
export type Style = keyof typeof CODES;

/** Puts a style on a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colours unless they are not wanted: see no-color.org. */
export function paintFor(env: NodeJS.ProcessEnv): Paint {
  if ((env['NO_COLOR'] ?? '') !== '') return (_, text) => text;
  return (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`;
}
