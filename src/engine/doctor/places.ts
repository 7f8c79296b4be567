import { readFileSync } from 'node:fs';
import { YamlDocument } from '../../utils/document/yaml-document.js';

/** Leads from a runner, by its index, and a key of its entry to `file:line`. */
export type PlaceOf = (runner: number, key?: string) => string;

/** Reads a configuration, which was found right, once more for its lines. */
export function readPlaces(file: string): PlaceOf {
  const document = new YamlDocument(file, readFileSync(file));
  return (runner, key) => {
    const path = ['runners', runner, ...(key === undefined ? [] : [key])];
    const { line } = document.problem(path, 'key', { code: 'config.value', message: '' });
    return `${file}:${line}`;
  };
}
