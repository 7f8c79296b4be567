import { writeLines } from '../harness/finished-files.mjs';

const ROWS_A_STATEMENT = 1_000;

/**
 * Writes a file of statements for psql that insert 1,000 rows each, or update those that are there.
 *
 * @param {string} path
 * @param {object} what
 * @param {string} what.table with its schema
 * @param {import('../feed/shapes/index.mjs').Shape} what.shape
 * @param {string} what.key
 * @param {number} what.count
 */
export function writeInserts(path, { table, shape, key, count }) {
  const names = Object.keys(shape.columns);
  const quoted = names.map((name) => `"${name}"`);
  const others = quoted.filter((name) => name !== `"${key}"`);
  const update = others.map((name) => `${name} = EXCLUDED.${name}`).join(', ');
  const tuple = (seq) => {
    const row = shape.row(seq, count);
    return `(${names.map((name) => literal(row[name])).join(',')})`;
  };
  return writeLines(path, Math.ceil(count / ROWS_A_STATEMENT), (statement) => {
    const first = statement * ROWS_A_STATEMENT;
    const length = Math.min(ROWS_A_STATEMENT, count - first);
    const tuples = Array.from({ length }, (_, index) => tuple(first + index));
    return `INSERT INTO ${table} (${quoted}) VALUES ${tuples} ON CONFLICT ("${key}") DO UPDATE SET ${update};`;
  });
}

function literal(value) {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}
