// What a stage holds, read as docs/stage-format.md says and by nothing of the engine.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const NEWLINE = 0x0a;

/**
 * The messages of all batches of a stage that nobody writes to, a line each.
 *
 * @param {string} stage its folder
 * @returns {Generator<Buffer>}
 */
export function* sealedMessages(stage) {
  const segments = new Map();
  for (const { seq, segment, from, to, crc } of sealedFacts(stage)) {
    const bytes = segments.get(segment) ?? readFileSync(segmentFile(stage, segment));
    segments.clear();
    segments.set(segment, bytes);
    const batch = bytes.subarray(from, to);
    if (crc32(batch) !== crc)
      throw new Error(`${stage}: expected batch ${seq} as its checksum says, its bytes are others`);
    yield batch;
  }
}

/** @param {string} stage */
function sealedFacts(stage) {
  const folder = join(stage, 'manifest');
  const files = ndjsonFiles(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const facts = files.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => JSON.parse(line));
  const sealed = facts.filter(({ fact }) => fact === 'sealed');
  return [...new Map(sealed.map((fact) => [fact.seq, fact])).values()];
}

/**
 * @param {string} stage
 * @param {number} segment
 */
function segmentFile(stage, segment) {
  const name = `${String(segment).padStart(10, '0')}.ndjson`;
  const paths = ['data', 'open'].map((folder) => join(stage, folder, name));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`${stage}: expected segment ${name}, which has batches, it is gone`);
  return found;
}

/**
 * The whole lines of one folder of a stage, as they lie there: also those that are in no batch yet.
 *
 * @param {string} stage
 * @param {'open' | 'data'} folder
 * @returns {{ name: string, lines: Buffer }[]} by segment
 */
export function wholeLines(stage, folder) {
  return ndjsonFiles(join(stage, folder)).map((name) => {
    const bytes = readFileSync(join(stage, folder, name));
    return { name, lines: bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1) };
  });
}

/**
 * @param {string} stage
 * @returns {boolean} whether its writer has begun a segment and written to it
 */
export function isBeingWritten(stage) {
  const folder = join(stage, 'open');
  return ndjsonFiles(folder).some(
    (name) => (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0) > 0,
  );
}

/** @param {string} folder may be missing */
function ndjsonFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .sort();
}
