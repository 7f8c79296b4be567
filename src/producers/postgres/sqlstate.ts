/** What an error of the server asks for. */
export type ErrorClass = 'retry' | 'replan' | 'row' | 'blocked';

/** Whole classes and single codes of PostgreSQL's appendix A that pass by themselves. */
const RETRY = [/^08/, /^40/, /^53/, /^57P/, /^57014$/, /^55P03$/, /^25006$/];
/** The table is not as planned: binary data of the wrong form, or a name that is gone. */
const REPLAN = [/^22P03$/, /^22P04$/, /^42703$/, /^42P01$/];
/** The data is not accepted; as a regular expression for the server too. */
export const ROW_PATTERN = '^(22|23|54000|54001|P0001)';
const ROW = [new RegExp(ROW_PATTERN)];
/** The server gave up on too much at once. */
const TOO_MUCH = [/^57014$/, /^53200$/];

/** Sorts an error by its SQLSTATE. */
export function classifySqlState(state: string): ErrorClass {
  if (RETRY.some((pattern) => pattern.test(state))) return 'retry';
  if (REPLAN.some((pattern) => pattern.test(state))) return 'replan';
  return ROW.some((pattern) => pattern.test(state)) ? 'row' : 'blocked';
}

/** Whether half of it may do. */
export function isTooMuch(state: string): boolean {
  return TOO_MUCH.some((pattern) => pattern.test(state));
}

/** pgbouncer refuses with the code of a broken protocol, which would be tried again for ever. */
const POOLER_REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/authentication failed/, '28P01'],
  [/no such database/, '3D000'],
  [/unsupported startup parameter/, '0A000'],
];

/** The code that the server would have given, for a refusal by a pooler before it; any other as it is. */
export function stateBehindPooler(state: string, message: string): string {
  if (state !== '08P01') return state;
  return POOLER_REFUSALS.find(([pattern]) => pattern.test(message))?.[1] ?? state;
}
