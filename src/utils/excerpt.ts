const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Foreign text as one line of at most `length` characters, without what could drive or confuse a terminal. */
export function excerpt(text: string, length: number): string {
  const shown = text.slice(0, length).replace(INVISIBLE, '\u{fffd}');
  return text.length > length ? `${shown}… (${text.length} characters)` : shown;
}
