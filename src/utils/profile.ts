import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { throwProblems } from './document/problem.js';
import { YamlDocument } from './document/yaml-document.js';
import { SocketElError } from './errors.js';
import { nearestName } from './nearest-name.js';
import { ProfileEntry } from './profile-entry.js';

const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_OTHERS = 0o044;

/**
 * The profile files to use, later ones overriding entries of earlier ones: those given, or the one that
 * SOCKET_EL_PROFILE names, or `~/.socket_el/profile.yml` (or `.yaml`) if it is there.
 *
 * @throws SocketElError `profile.missing` when one that was asked for is not there, `profile.ambiguous` when both spellings are
 */
export function findProfileFiles(
  given: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  if (given.length > 0) return given.map(existing);
  if (env['SOCKET_EL_PROFILE']) return [existing(env['SOCKET_EL_PROFILE'])];
  const folder = join(homedir(), '.socket_el');
  const found = ['profile.yml', 'profile.yaml'].map((name) => join(folder, name)).filter(isThere);
  if (found.length < 2) return found;
  throw new SocketElError({
    code: 'profile.ambiguous',
    path: folder,
    message: `${folder}: expected one profile file, got profile.yml and profile.yaml`,
    hint: 'move the entries of one into the other',
  });
}

function existing(file: string): string {
  const path = resolve(file);
  if (isThere(path)) return path;
  throw missingFile(path);
}

/** What is worth a warning about a profile file: others can read it. */
export function profileWarnings(files: readonly string[]): readonly string[] {
  // There a file has no mode; every one says 0666.
  if (process.platform === 'win32') return [];
  return files
    .filter((file) => isThere(file) && (statSync(file).mode & READABLE_BY_OTHERS) !== 0)
    .map((file) => `${file} can be read by others; run: chmod 600 ${file}`);
}

/** Which entry is wanted. */
export interface ProfileRequest {
  readonly files: readonly string[];
  /** As the configuration has it; undefined when it names none. */
  readonly name: string | undefined;
  /** Is told every value that may be secret, before anything else happens with it. */
  readonly onSecret: (secret: string) => void;
}

/**
 * Reads one entry of the profile files.
 *
 * @throws SocketElError `profile.*`, or ProblemsError with line and column
 */
export async function loadProfile<Schema extends z.ZodType>(
  files: readonly string[],
  name: string,
  schema: Schema,
  onSecret: (secret: string) => void,
): Promise<z.output<Schema>> {
  const { value, problems } = openProfile(files, name, onSecret).check(schema);
  throwProblems(problems);
  return value as z.output<Schema>;
}

/**
 * Finds one entry of the profile files; what is in it is not yet checked.
 *
 * @throws SocketElError `profile.*`, or ProblemsError with line and column
 */
export function openProfile(
  files: readonly string[],
  name: string,
  onSecret: (secret: string) => void,
): ProfileEntry {
  const documents = files.map(readProfileFile);
  const document = documents.findLast(({ value }) => isMap(value) && Object.hasOwn(value, name));
  if (document === undefined) throw unknownProfile(files, name, documents);
  return new ProfileEntry(document, name, onSecret);
}

function readProfileFile(file: string): YamlDocument {
  assertSafe(file);
  return new YamlDocument(file, readFileSync(file), { isSecret: true });
}

/** A FIFO would block for ever, and a file that others can write could send the data elsewhere. */
function assertSafe(file: string): void {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) throw missingFile(file);
  if (!status.isFile())
    throw unsafe(file, 'a regular file, got something else', 'put the entries into a plain file');
  if (process.getuid === undefined) return;
  const uid = process.getuid();
  if (status.uid !== uid && status.uid !== 0) {
    throw unsafe(
      file,
      `a file of user ${uid}, who runs this, got one of user ${status.uid}`,
      `run: chown ${uid} ${file}`,
    );
  }
  if ((status.mode & WRITABLE_BY_OTHERS) !== 0) {
    const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
    throw unsafe(file, `a file that only its owner can write, got mode ${mode}`, `run: chmod 600 ${file}`);
  }
}

function missingFile(file: string): SocketElError {
  const hint = 'give the path of a profile file, or leave the option away';
  return new SocketElError({
    code: 'profile.missing',
    path: file,
    message: `expected a profile file at ${file}, got none`,
    hint,
  });
}

function unsafe(file: string, expectation: string, hint: string): SocketElError {
  return new SocketElError({
    code: 'profile.unsafe',
    path: file,
    message: `${file}: expected ${expectation}`,
    hint,
  });
}

function unknownProfile(
  files: readonly string[],
  name: string,
  documents: readonly YamlDocument[],
): SocketElError {
  const known = documents.flatMap(({ value }) => (isMap(value) ? Object.keys(value) : []));
  const near = nearestName(name, known);
  const where = files.length === 0 ? join(homedir(), '.socket_el', 'profile.yml') : files.join(', ');
  const hints = [near && `did you mean ${near}?`, known.length > 0 && `known profiles: ${known.join(', ')}`];
  const example = `write into ${where}: ${name}: {user: …, password: …, database: …, host: 127.0.0.1, port: 5432}`;
  return new SocketElError({
    code: 'profile.unknown',
    path: where,
    message: `profile "${name}": expected an entry in ${where}, got none`,
    hint: hints.filter(Boolean).join('; ') || example,
  });
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
