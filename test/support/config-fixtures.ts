import { readdirSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTempFolder } from './temp-folder.js';

const ROOT = fileURLToPath(new URL('../config/fixtures', import.meta.url));
const PROFILE_END = '.profile.yml';

/** A configuration that says in the comments at its top what is wrong with it. */
export interface ConfigFixture {
  /** `class/name`. */
  readonly title: string;
  readonly path: string;
  /** What `validate` must find, here and in the profile file, as `file:line:column code`, sorted. */
  readonly expected: readonly string[];
  /** The lines `# env: NAME=value`. */
  readonly env: Readonly<Record<string, string>>;
  /** `NAME.profile.yml` beside `NAME.yml`, if it is there. */
  readonly profile: string | undefined;
}

/** All fixtures of test/config/fixtures. */
export function listFixtures(): readonly ConfigFixture[] {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).map((file) => join(ROOT, file));
  const configs = files.filter((file) => file.endsWith('.yml') && !file.endsWith(PROFILE_END)).sort();
  return configs.map((path) => readFixture(path, files));
}

/** The fixture `class/name`. */
export function findFixture(title: string): ConfigFixture {
  const found = listFixtures().find((fixture) => fixture.title === title);
  if (found === undefined) throw new Error(`expected a fixture ${title} in ${ROOT}`);
  return found;
}

function readFixture(path: string, files: readonly string[]): ConfigFixture {
  const profile = path.replace(/\.yml$/, PROFILE_END);
  const hasProfile = files.includes(profile);
  return {
    title: relative(ROOT, path).replace(/\.yml$/, ''),
    path,
    expected: [...expectations(path), ...(hasProfile ? expectations(profile) : [])].sort(),
    env: Object.fromEntries(
      directives(path, 'env').map((text) => /^(\w+)=(.*)$/.exec(text)?.slice(1) as [string, string]),
    ),
    profile: hasProfile ? profile : undefined,
  };
}

/** A fixture without any expectation is a mistake: one without problems says `# expect: nothing`. */
function expectations(path: string): readonly string[] {
  const found = directives(path, 'expect');
  const isWellFormed = (text: string) => /^\d+:\d+ [a-z_]+\.[a-z_]+$/.test(text) || text === 'nothing';
  if (found.length === 0 || !found.every(isWellFormed))
    throw new Error(`${path}: expected lines "# expect: LINE:COLUMN CODE" or "# expect: nothing"`);
  return found.filter((text) => text !== 'nothing').map((text) => `${basename(path)}:${text}`);
}

function directives(path: string, name: string): readonly string[] {
  const lines = decode(readFileSync(path)).split(/\r?\n/);
  const prefix = `# ${name}: `;
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
}

/** The text of a fixture, whose encoding may be what is wrong with it. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (!isUtf16) return new TextDecoder('utf-8').decode(bytes);
  return new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
}

/** A copy of the fixture's profile that only its owner can read, as a profile must be; none if it has none. */
export async function copyProfile({ profile }: ConfigFixture): Promise<readonly string[]> {
  if (profile === undefined) return [];
  const folder = join(await createTempFolder(), 'profiles');
  await mkdir(folder, { mode: 0o700 });
  const copy = join(folder, basename(profile));
  await copyFile(profile, copy);
  await chmod(copy, 0o600);
  return [copy];
}

/** One problem as `validate` prints it. */
export interface PrintedProblem {
  /** `file:line:column code`, with the file's name alone. */
  readonly place: string;
  readonly line: number;
  readonly column: number;
  /** The character of the shown line above the caret; undefined when no line is shown. */
  readonly pointedAt: string | undefined;
  readonly text: string;
}

/** Reads problems back from their printed form. */
export function parsePrinted(text: string): readonly PrintedProblem[] {
  return text
    .split('\n\n')
    .map((block) => parseBlock(block))
    .filter((problem) => problem !== undefined);
}

function parseBlock(block: string): PrintedProblem | undefined {
  const [head = '', shown = '', caret] = block.split('\n');
  const [, file = '', line = '', column = '', code = ''] =
    /^(.+?):(\d+):(\d+): .*\[([a-z_]+\.[a-z_]+)\]$/.exec(head) ?? [];
  if (file === '') return undefined;
  const at = caret?.trim() === '^' ? caret.indexOf('^') : undefined;
  return {
    place: `${basename(file)}:${line}:${column} ${code}`,
    line: Number(line),
    column: Number(column),
    pointedAt: at === undefined ? undefined : (shown[at] ?? ''),
    text: block,
  };
}
