import { type ConnectionKeys, postgresProfileSchema } from './settings.js';

/** The keys that were found in a text, and what is wrong with the others, without the text itself. */
export interface FoundKeys {
  readonly keys: ConnectionKeys;
  readonly faults: readonly string[];
}

/**
 * Checks texts from outside the profile file as its keys are checked.
 *
 * @param texts by key; empty ones count as not given
 * @param nameOf how a fault calls a key
 */
export function readKeys(
  texts: Readonly<Partial<Record<keyof ConnectionKeys, string | undefined>>>,
  nameOf: (key: string) => string,
): FoundKeys {
  const given = Object.entries(texts).filter(([, text]) => text !== undefined && text !== '');
  const result = postgresProfileSchema.safeParse(Object.fromEntries(given));
  const wrong = new Map(result.error?.issues.map(({ path }) => [String(path[0]), path]) ?? []);
  const sound = given.filter(([key]) => !wrong.has(key));
  const { schema: _, ...keys } = postgresProfileSchema.parse(Object.fromEntries(sound));
  return { keys, faults: [...wrong.keys()].map((key) => `expected ${expectation(key)} in ${nameOf(key)}`) };
}

function expectation(key: string): string {
  if (key === 'port') return 'a port from 1 to 65535';
  if (key === 'host') return 'one host';
  return `one of ${postgresProfileSchema.shape.sslmode.unwrap().options.join(', ')}`;
}
