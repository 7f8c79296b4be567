import { isError, type JsonObject, type MessageKind } from './message-kinds.js';
import { findRows } from './suggest-records.js';

/** What feeds call messages that hold no data. */
const NOISE = /subscri|heartbeat|welcome|^(ack|info|system|status|ping|pong|hb|connected)$/i;
/** Of the keys of two messages, so many are the same when they are of one make. */
const ALIKE = 0.5;

/** Of the kinds that become rows: the one with the most bytes, and those that are made like it. Empty when none is data. */
export function dataKinds(kinds: readonly MessageKind[]): readonly MessageKind[] {
  const candidates = kinds.filter((kind) => kind.outcome === 'rows' && !isNoise(kind) && !isError(kind));
  const [main, ...others] = candidates.toSorted((a, b) => b.bytes - a.bytes);
  return main === undefined ? [] : [main, ...others.filter((kind) => isLike(main, kind))];
}

function isNoise({ rule }: MessageKind): boolean {
  return rule !== undefined && NOISE.test(typeof rule === 'string' ? rule : rule.value);
}

/** With rows in the same place; or, where they are at the top, with mostly the same keys. */
function isLike({ sample: main = {} }: MessageKind, { sample = {} }: MessageKind): boolean {
  const found = findRows(main);
  return found === undefined ? overlap(main, sample) > ALIKE : findRows(sample)?.pointer === found.pointer;
}

function overlap(one: JsonObject, other: JsonObject): number {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => Object.hasOwn(one, key) && Object.hasOwn(other, key)).length / keys.size;
}
