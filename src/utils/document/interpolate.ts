import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ErrorCode } from '../errors.js';
import type { DocumentPath } from './problem.js';

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const ENV = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const FILE = /^file:(.+)$/s;
const MAX_FILE_BYTES = 64 * 1024;

/** Where references are looked up. */
export interface References {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that `${file:…}` is relative to. */
  readonly folder: string;
}

/** A reference that leads nowhere. */
interface ReferenceProblem {
  readonly path: DocumentPath;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Plain data with its references resolved, the values they had, and what could not be resolved. */
export interface Interpolated {
  readonly value: unknown;
  readonly secrets: readonly string[];
  readonly problems: readonly ReferenceProblem[];
}

/**
 * Resolves `${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}` inside texts; `$${` stands for `${`. What comes in is
 * text and stays text: it is not parsed again.
 */
export function interpolate(value: unknown, references: References): Interpolated {
  const secrets: string[] = [];
  const problems: ReferenceProblem[] = [];
  const walk = (node: unknown, path: DocumentPath): unknown => {
    if (typeof node === 'string') return resolveText(node, path);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  const resolveText = (text: string, path: DocumentPath): string =>
    text.replace(REFERENCE, (whole, reference: string | undefined, close: string) => {
      if (reference === undefined) return '${';
      const found = close === '' ? unclosed(reference) : resolveReference(reference, references);
      if (typeof found === 'string') {
        secrets.push(found);
        return found;
      }
      problems.push({ path, ...found });
      return whole;
    });
  return { value: walk(value, []), secrets, problems };
}

function resolveReference(
  reference: string,
  { env, folder }: References,
): string | Omit<ReferenceProblem, 'path'> {
  const [, name, fallback] = ENV.exec(reference) ?? [];
  if (name !== undefined) return env[name] ?? fallback ?? missingVariable(name);
  const [, file] = FILE.exec(reference) ?? [];
  if (file !== undefined) return readReferenced(resolve(folder, file));
  return {
    code: 'config.reference',
    message: `expected \${env:NAME}, \${env:NAME:-default} or \${file:PATH}, got \${${reference}}`,
    hint: 'write $${ for a ${ that is meant as it stands',
  };
}

function unclosed(reference: string): Omit<ReferenceProblem, 'path'> {
  const message = `expected } at the end of a reference, got \${${reference}`;
  return { code: 'config.reference', message, hint: 'write $${ for a ${ that is meant as it stands' };
}

function missingVariable(name: string): Omit<ReferenceProblem, 'path'> {
  return {
    code: 'environment.missing_variable',
    message: `expected the environment variable ${name}, it is not set`,
    hint: `export ${name}=… or give a default: \${env:${name}:-default}`,
  };
}

/** A file's text without the newline at its end. */
function readReferenced(path: string): string | Omit<ReferenceProblem, 'path'> {
  try {
    const status = statSync(path);
    if (!status.isFile() || status.size > MAX_FILE_BYTES)
      throw new Error(`not a regular file of at most ${MAX_FILE_BYTES} bytes`);
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    return {
      code: 'environment.unreadable_file',
      message: `expected a readable file at ${path}: ${(error as Error).message}`,
      hint: 'the path is relative to the folder of this file',
    };
  }
}
