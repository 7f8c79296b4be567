/** The text without control characters, which could drive the reader's terminal; line breaks stay. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}]/gu, (character) => (character === '\n' ? '\n' : '\u{fffd}'));
}
