import { JSON_KIND } from '../../utils/json/json-kind.js';
import { JsonScanner } from '../../utils/json/json-scanner.js';
import { stringText } from '../../utils/json/json-text.js';
import { RowCells } from '../../utils/rows/row-cells.js';

const SPECIAL = /[",\r\n]/;

/**
 * JSON objects as CSV (RFC 4180) with a header: the keys in the order in which they came first. No value is an empty
 * field, empty text is `""`; numbers keep their digits, objects and arrays are JSON.
 */
export function csvText(lines: readonly string[]): string {
  // Both are used again for each line: they are large.
  const cells = new RowCells();
  const scanner = new JsonScanner();
  const rows = lines.map((line) => fieldsOf(Buffer.from(line), cells, scanner));
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const body = rows.map((row) => names.map((name) => row.get(name) ?? '').join(','));
  return [names.map(quoted).join(','), ...body].map((line) => `${line}\n`).join('');
}

function fieldsOf(bytes: Buffer, cells: RowCells, scanner: JsonScanner): ReadonlyMap<string, string> {
  scanner.reset(bytes, 0, bytes.length);
  cells.read(scanner);
  const fields = cells.keys.slice(0, cells.count).map((key, i) => [key, fieldOf(cells, i)] as const);
  return new Map(fields);
}

function fieldOf(cells: RowCells, i: number): string {
  const { kind, start, stop, escaped } = cells.span(i);
  if (kind === JSON_KIND.null) return '';
  if (kind === JSON_KIND.string) return quoted(stringText(cells.bytes, start, stop, escaped));
  return quoted(cells.bytes.toString('utf8', start, stop));
}

function quoted(text: string): string {
  return text === '' || SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
