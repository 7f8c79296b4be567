import { isObject, type JsonObject } from './message-kinds.js';

const MAX_DEPTH = 4;
const MAX_INCLUDED = 6;
/** Keys of a message that is only an envelope, and of what is in it. */
const MAX_ENVELOPE = 5;
const MIN_COLUMNS = 3;

/** Rows that lie deeper in a message than at its top. */
export interface FoundRows {
  /** As `records:` takes it. */
  readonly pointer: string;
  readonly rows: readonly JsonObject[];
}

/** Where the rows of a message most likely are, when that is not at its top. */
export function findRows(message: JsonObject): FoundRows | undefined {
  return largestList(message, 1) ?? envelope(message);
}

/** One object, and beside it no more than what says of which kind it is. */
function envelope(message: JsonObject): FoundRows | undefined {
  const objects = Object.entries(message).filter((entry): entry is [string, JsonObject] =>
    isObject(entry[1]),
  );
  const [key, row] = objects[0] ?? ['', {}];
  const isOne = objects.length === 1 && Object.keys(message).length <= MAX_ENVELOPE;
  return isOne && Object.keys(row).length >= MIN_COLUMNS
    ? { pointer: pointerTo(key), rows: [row] }
    : undefined;
}

/** The largest list of objects, lists in lists too; undefined when there is none. */
function largestList(message: JsonObject, depth: number): FoundRows | undefined {
  const found = Object.entries(message).flatMap(([key, value]) => rowsAt(key, value, depth));
  return found.sort((a, b) => sizeOf(b) - sizeOf(a))[0];
}

function rowsAt(key: string, value: unknown, depth: number): readonly FoundRows[] {
  if (depth > MAX_DEPTH || value === null || typeof value !== 'object') return [];
  const pointer = pointerTo(key);
  if (isObject(value)) return deeper(pointer, value, depth);
  const rows = (value as readonly unknown[]).filter(isObject);
  if (rows.length === 0 || rows.length < (value as readonly unknown[]).length) return [];
  const within = rows.flatMap((row) => deeper(`${pointer}/*`, row, depth));
  return within.length > 0 ? within : [{ pointer, rows }];
}

function deeper(pointer: string, value: JsonObject, depth: number): readonly FoundRows[] {
  const found = largestList(value, depth + 1);
  return found === undefined ? [] : [{ ...found, pointer: `${pointer}${found.pointer}` }];
}

function pointerTo(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function sizeOf({ rows }: FoundRows): number {
  return JSON.stringify(rows).length;
}

/** Texts beside the rows, which say what they are of: as `include:` takes them. */
export function includedBeside(
  message: JsonObject,
  { rows }: FoundRows,
  kindKey: string | undefined,
): Readonly<Record<string, string>> {
  const keys = Object.keys(message).filter(
    (key) => typeof message[key] === 'string' && key !== kindKey && !(rows[0] && Object.hasOwn(rows[0], key)),
  );
  const plain = keys.filter((key) => /^\w+$/.test(key)).slice(0, MAX_INCLUDED);
  return Object.fromEntries(plain.map((key) => [key, `/${key}`]));
}
