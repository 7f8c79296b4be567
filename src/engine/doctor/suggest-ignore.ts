import type { DecodeSettings } from '../../utils/rows/decode-settings.js';
import { flowYaml } from './flow-yaml.js';
import type { MessageKind } from './message-kinds.js';

/** The key `ignore:` with the rules that there are, and those for these kinds; undefined when no rule fits them. */
export function ignoreLine(
  kinds: readonly MessageKind[],
  { ignore }: Pick<DecodeSettings, 'ignore'>,
): string | undefined {
  const rules = kinds.flatMap(({ rule }) => {
    if (rule === undefined) return [];
    return [typeof rule === 'string' ? rule : { [`/${rule.key}`]: rule.value }];
  });
  return rules.length === 0 ? undefined : `ignore: ${flowYaml([...ignore, ...rules])}`;
}
