/** What may stand in braces in the path of a file producer. */
export const PLACEHOLDERS = ['table', 'consumer', 'date', 'hour'] as const;

type Placeholder = (typeof PLACEHOLDERS)[number];

const BRACES = /\{([^{}]*)\}/g;

/** What stands in braces and is no placeholder. */
export function unknownPlaceholders(template: string): readonly string[] {
  const names = [...template.matchAll(BRACES)].map(([, name = '']) => name);
  return names.filter((name) => !PLACEHOLDERS.some((known) => known === name));
}

/** The folder that a template means. Values are names of tables and consumers, and instants, so they cannot lead elsewhere. */
export function fillPath(template: string, values: Readonly<Record<Placeholder, string>>): string {
  return template.replaceAll(BRACES, (_, name: Placeholder) => values[name]);
}

/** The part of a template that is the same for all files: the folder before the first one with a placeholder. */
export function fixedPart(template: string): string {
  const parts = template.split('/');
  const first = parts.findIndex((part) => part.includes('{'));
  const fixed = (first < 0 ? parts : parts.slice(0, first)).join('/');
  return fixed === '' && template.startsWith('/') ? '/' : fixed || '.';
}
