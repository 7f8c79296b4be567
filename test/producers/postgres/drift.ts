/** In the place of a row: it becomes a dead letter. */
export const DEAD = undefined;

/** What becomes of a line, each row as PostgreSQL prints it as JSON, without what is null. */
interface DriftedLine {
  readonly json: string;
  /** Under `schema_contract: evolve`. */
  readonly evolve: string | typeof DEAD;
  /** Under `discard_value`. */
  readonly discardValue: string | typeof DEAD;
  /** Whether every contract takes the line as it is. */
  readonly fits: boolean;
}

/** Lines of which the later ones are not like the earlier ones. */
export interface Drift {
  readonly title: string;
  readonly before: readonly string[];
  /** What somebody does to the table, called `$table`, before the drift. */
  readonly between?: string;
  readonly after: readonly DriftedLine[];
  /** Types of columns under `evolve` after the drift; those not named are as before. */
  readonly types?: Readonly<Record<string, string>>;
}

/** A line that the table takes as it is. */
export const fits = (json: string, row = json): DriftedLine => ({
  json,
  evolve: row,
  discardValue: row,
  fits: true,
});
/** A line for which the table has to change, or has no place. */
export const drifts = (
  json: string,
  evolve: string | typeof DEAD,
  discardValue: string | typeof DEAD = '{}',
): DriftedLine => ({
  json,
  evolve,
  discardValue,
  fits: false,
});
/** What does not fit its column, whatever the contract lets be changed. */
export const unfit = (value: string): DriftedLine =>
  drifts(`{"v":${value},"k":1}`, `{"k":1,"_rest":{"v":${value}}}`, '{"k":1}');
/** A line that is a dead letter under every contract. */
export const dead = (json: string): DriftedLine => ({ json, evolve: DEAD, discardValue: DEAD, fits: false });
/** A key that the table has no column for, and the name of the column that it gets. */
export const newKey = (key: string, column = key): DriftedLine =>
  drifts(`{"a":2,"${key}":3}`, `{"a":2,"${column}":3}`, '{"a":2}');

/** Lines of a table with a column `a`. */
export const A = ['{"a":1}'];
/** Lines of a table with columns `v`, of this value, and `k`. */
export const V = (value: string) => [`{"v":${value},"k":0}`];
