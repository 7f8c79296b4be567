import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { interpolate } from './document/interpolate.js';
import { type DocumentPath, type Problem, throwProblems } from './document/problem.js';
import { schemaProblems } from './document/schema-problems.js';
import type { YamlDocument } from './document/yaml-document.js';

/** One entry of a profile file, with the way back to its lines. */
export class ProfileEntry {
  /** As written, references resolved. */
  readonly value: unknown;
  /** The folder that paths in it are relative to. */
  readonly folder: string;
  readonly #document: YamlDocument;
  readonly #name: string;
  readonly #raw: unknown;

  /**
   * @param onSecret is told every value that may be secret, before anything else happens with it
   * @throws ProblemsError for references that lead nowhere
   */
  constructor(document: YamlDocument, name: string, onSecret: (secret: string) => void) {
    this.folder = dirname(resolve(document.file));
    this.#document = document;
    this.#name = name;
    this.#raw = (document.value as Record<string, unknown>)[name];
    const { value, secrets, problems } = interpolate(this.#raw, { env: process.env, folder: this.folder });
    secrets.forEach(onSecret);
    const { password } = (value ?? {}) as { password?: unknown };
    if (password !== undefined) onSecret(String(password));
    throwProblems(problems.map(({ path, ...what }) => this.problem(path, what)));
    this.value = value;
  }

  /** What a schema finds wrong with it, and what it makes of it when that is nothing. */
  check<Schema extends z.ZodType>(
    schema: Schema,
  ): { readonly value: z.output<Schema> | undefined; readonly problems: readonly Problem[] } {
    const result = schema.safeParse(this.value);
    if (result.success) return { value: result.data, problems: [] };
    const checked = { at: [this.#name], value: this.#raw, schema };
    return { value: undefined, problems: schemaProblems(this.#document, checked, result.error.issues) };
  }

  /** A problem at one of its keys; at its beginning when the key is not there. */
  problem(path: DocumentPath, what: Pick<Problem, 'code' | 'message' | 'hint'>): Problem {
    return this.#document.problem([this.#name, ...path], 'value', what);
  }
}
