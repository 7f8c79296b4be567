import { type Document, isAlias, isMap, isSeq, type Node, visit } from 'yaml';
import { type KeyFault, keyText, MERGE_KEY } from './yaml-keys.js';

/** Aliases that lead nowhere or to what they stand in, and merges of what is no map. */
export function findAliasFaults(document: Document): readonly KeyFault[] {
  const faults: KeyFault[] = [];
  const add = (node: Node, message: string) =>
    faults.push({ offset: node.range?.[0] ?? 0, code: 'config.yaml', message });
  visit(document, {
    Alias: (_, alias, path) => {
      const target = alias.resolve(document);
      if (target === undefined) add(alias, `expected the name of an anchor above, got *${alias.source}`);
      else if (path.includes(target))
        add(alias, `expected no alias within its own anchor, got *${alias.source}`);
    },
    Pair: (_, pair) => {
      const isMerge = keyText(pair) === MERGE_KEY && pair.value !== null;
      if (isMerge && !isMergeable(document, pair.value))
        add(pair.value as Node, 'expected a map to merge, got something else');
    },
  });
  return faults;
}

function isMergeable(document: Document, value: unknown): boolean {
  const node = isAlias(value) ? value.resolve(document) : value;
  if (isSeq(node) && node === value) return node.items.every((item) => isMergeable(document, item));
  return isMap(node) || node === undefined;
}
