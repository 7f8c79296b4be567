import { userInfo } from 'node:os';
import type { z } from 'zod';
import { type Problem, throwProblems } from '../../utils/document/problem.js';
import { SocketElError } from '../../utils/errors.js';
import { openProfile, type ProfileRequest } from '../../utils/profile.js';
import type { ProfileEntry } from '../../utils/profile-entry.js';
import { readAuthorities } from './authorities.js';
import { isPlaceInEnvironment, readEnvironment } from './connection-environment.js';
import { parseConnectionUrl, secretsOfUrl } from './connection-url.js';
import {
  type ConnectionKeys,
  DEFAULT_PROFILE,
  type PostgresProfile,
  postgresProfileSchema,
} from './settings.js';
import { defaultSslMode } from './tls.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 5432;

type What = Pick<Problem, 'code' | 'message' | 'hint'>;
/** Takes what is wrong with a key; undefined: with the whole. */
type Report = (key: string | undefined, what: What) => void;

/** What is being put together. */
interface Sources {
  /** Of the entry and its url, in this order. */
  readonly given: ConnectionKeys;
  readonly schema: string;
  /** Whether the user and the database may be libpq's defaults. */
  readonly isLibpq: boolean;
  /** What a relative path that was given is relative to. */
  readonly folder: string;
  readonly report: Report;
}

/**
 * The profile of a producer: its entry, or an address in it, then libpq's variables, then defaults. Without a name and an
 * entry of the default name the variables do alone.
 *
 * @throws SocketElError `profile.*`, or ProblemsError with line and column
 */
export async function loadPostgresProfile(request: ProfileRequest): Promise<PostgresProfile> {
  const entry = openEntry(request);
  return entry === undefined ? fromEnvironment(request) : fromEntry(entry, request);
}

function openEntry({ files, name, onSecret }: ProfileRequest): ProfileEntry | undefined {
  try {
    return openProfile(files, name ?? DEFAULT_PROFILE, onSecret);
  } catch (error) {
    const isAbsent = error instanceof SocketElError && error.code === 'profile.unknown';
    if (!isAbsent || name !== undefined) throw error;
    if (isPlaceInEnvironment(process.env)) return undefined;
    const { code, message, path, hint } = error;
    const variables = 'or set PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE';
    throw new SocketElError({ code, message, path, hint: `${hint}; ${variables}` }, { cause: error });
  }
}

/** There is no line to point at, so what is wrong becomes one message. */
function fromEnvironment({ onSecret }: ProfileRequest): PostgresProfile {
  const problems: What[] = [];
  const report: Report = (_, what) => problems.push(what);
  const { schema } = postgresProfileSchema.parse({});
  const profile = complete({ given: {}, schema, isLibpq: true, folder: process.cwd(), report }, onSecret);
  const [first] = problems;
  if (first === undefined) return profile;
  const message = problems.map((problem) => problem.message).join('; ');
  throw new SocketElError({ ...first, message: `the environment: ${message}` });
}

function fromEntry(entry: ProfileEntry, { onSecret }: ProfileRequest): PostgresProfile {
  const written = (entry.value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof written['url'] === 'string') secretsOfUrl(written['url']).forEach(onSecret);
  const { value, problems: found } = entry.check(postgresProfileSchema);
  const problems = [...found];
  const isLibpq = written['url'] !== undefined;
  const report: Report = (key, what) => {
    // A key that the entry does not have came with its url.
    const place = key === undefined || !isLibpq || Object.hasOwn(written, key) ? key : 'url';
    problems.push(entry.problem(place === undefined ? [] : [place], what));
  };
  if (value === undefined) {
    if (!isLibpq && typeof entry.value === 'object' && entry.value !== null) reportMissing(written, report);
    throwProblems(problems);
  }
  const { url, schema, ...keys } = value as z.output<typeof postgresProfileSchema>;
  const given = { ...addressOf(url, keys, report), ...definedOf(keys) };
  const profile = complete({ given, schema, isLibpq, folder: entry.folder, report }, onSecret);
  throwProblems(problems);
  return profile;
}

/** Of an entry that is wrong in another way too. */
function reportMissing(written: Readonly<Record<string, unknown>>, report: Report): void {
  const { keys } = readEnvironment(process.env, []);
  for (const key of ['user', 'database'] as const)
    if (!Object.hasOwn(written, key) && keys[key] === undefined) missing(key, report);
}

/** What the url says; a key beside it may add to it, not contradict it. */
function addressOf(url: string | undefined, keys: ConnectionKeys, report: Report): ConnectionKeys {
  if (url === undefined) return {};
  const address = parseConnectionUrl(url);
  for (const message of address.faults) report('url', { code: 'config.value', message });
  for (const [key, said] of Object.entries(address.keys)) {
    const own = keys[key as keyof ConnectionKeys];
    if (own === undefined || own === said) continue;
    const message = 'expected what url says, got another value';
    report(key, { code: 'config.value', message, hint: `remove ${key} here or in url` });
  }
  return address.keys;
}

function complete(sources: Sources, onSecret: (secret: string) => void): PostgresProfile {
  const { given, schema, isLibpq, folder, report } = sources;
  const environment = readEnvironment(process.env, Object.keys(given));
  const { password = environment.keys.password } = given;
  if (password !== undefined) onSecret(password);
  for (const message of environment.faults) report(undefined, { code: 'config.value', message });
  const merged: ConnectionKeys = { ...environment.keys, ...given };
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, sslmode = defaultSslMode(host) } = merged;
  const user = merged.user ?? (isLibpq ? accountName() : undefined) ?? missing('user', report);
  const database = merged.database ?? (isLibpq ? user : missing('database', report));
  // What the environment names is relative to where we are, as for every program of libpq's.
  const root = given.sslrootcert === undefined ? process.cwd() : folder;
  const authorities = authoritiesOf(merged.sslrootcert, root, report);
  return { user, password, database, host, port, schema, sslmode, authorities };
}

/** An account can be without a name, as in a container. */
function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function missing(key: 'user' | 'database', report: Report): string {
  const { description: hint } = postgresProfileSchema.shape[key];
  report(key, { code: 'config.missing', message: 'expected text, it is missing', hint });
  return '';
}

function authoritiesOf(path: string | undefined, folder: string, report: Report): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readAuthorities(path, folder);
  } catch (error) {
    const { code, message, hint } = error as SocketElError;
    report('sslrootcert', { code, message, hint });
    return undefined;
  }
}

function definedOf(keys: ConnectionKeys): ConnectionKeys {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}
