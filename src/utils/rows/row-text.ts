import type { RowCells } from './row-cells.js';

/** A row as one JSON object, its values as they were received. @param nameOf the name that a key is shown under */
export function rowText(
  cells: RowCells,
  nameOf: (key: string) => string,
  more: readonly string[] = [],
): string {
  const members: string[] = [];
  for (let i = 0; i < cells.count; i++) {
    const value = cells.bytes.toString('utf8', cells.starts[i], cells.stops[i]);
    members.push(`${JSON.stringify(nameOf(cells.keys[i] as string))}:${value}`);
  }
  return `{${[...members, ...more].join(',')}}`;
}
