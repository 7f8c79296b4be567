import type { Fix } from '../../utils/examination.js';

/** Keys by which feeds tell kinds of messages apart, the most telling first. */
const KIND_KEYS = ['type', 'event', 'e', 'op', 'method', 'topic', 'channel', 'action'];

/** The rule that passes over messages of this one's kind; undefined when it does not tell its kind. */
export function suggestIgnore(message: string): Fix | undefined {
  const value = parseObject(message);
  const key = KIND_KEYS.find((name) => typeof value?.[name] === 'string');
  if (key === undefined) return undefined;
  const rule = `ignore: [{/${key}: ${JSON.stringify(value?.[key])}}]`;
  return { text: 'if such messages mean nothing to you, pass them over', paste: [rule] };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A message that is no JSON, or was shortened, has no kind.
    return undefined;
  }
}
