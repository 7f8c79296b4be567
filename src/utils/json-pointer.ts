/** A parsed JSON pointer (RFC 6901). The segment `*` is our addition: it stands for every element of an array. */
export type JsonPointer = readonly string[];

/** Splits a pointer such as `/data/trades` into its unescaped segments; undefined when it is none. */
export function parseJsonPointer(text: string): JsonPointer | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
