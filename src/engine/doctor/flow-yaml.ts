/** A value as YAML on one line: maps and lists in brackets, texts in quotes where YAML would take them for something else. */
export function flowYaml(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${flowYaml(key)}: ${flowYaml(inner)}`);
  return `{${entries.join(', ')}}`;
}

/** A word, or a JSON pointer of such; not what YAML has a meaning for. */
function isPlain(text: string): boolean {
  return /^[A-Za-z_/][\w/*.-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
}
