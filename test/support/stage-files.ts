import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A recorded interval without reception, in wall-clock milliseconds with fraction. */
export interface RecordedGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}

type Fact = Readonly<Record<string, unknown>> & { readonly fact: string };

async function readLines(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.ndjson')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  return texts.flatMap((text) => text.split('\n').slice(0, -1));
}

/** All facts of a stage's manifest, oldest first. */
export async function readFacts(stage: string): Promise<Fact[]> {
  const lines = await readLines(join(stage, 'manifest'));
  return lines.map((line) => JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as Fact);
}

/** Milliseconds of an ISO 8601 UTC time with up to nine fraction digits. */
function parseInstant(text: unknown): number {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/.exec(String(text));
  if (!match) throw new Error(`expected an ISO 8601 UTC time, got ${JSON.stringify(text)}`);
  return Date.parse(`${match[1]}Z`) + Number(match[2] ?? 0) * 1000;
}

export async function readGaps(stage: string): Promise<RecordedGap[]> {
  const gaps = (await readFacts(stage)).filter(({ fact }) => fact === 'gap');
  return gaps.map(({ from, to, reason }) => ({
    fromMs: parseInstant(from),
    toMs: parseInstant(to),
    reason: String(reason),
  }));
}

/** How many whole message lines lie in a stage's segments now. */
export async function countStagedMessages(stage: string): Promise<number> {
  const [sealed, open] = await Promise.all([readLines(join(stage, 'data')), readLines(join(stage, 'open'))]);
  return sealed.length + open.length;
}

/** How many bytes the files of a stage have. */
export async function stageBytes(stage: string): Promise<number> {
  const names = await readdir(stage, { recursive: true });
  const sizes = await Promise.all(names.map((name) => sizeOf(join(stage, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A file may be pruned while we look. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : 0;
}
