import type { Finding, Fix } from '../../utils/examination.js';
import type { TablePolicy } from './disposition.js';
import { quoteIdentifier, quoteTable } from './identifiers.js';
import type { SampleColumns } from './sample-columns.js';
import type { RelationState, ServerState, TableRight } from './sink-state.js';

/** Rights that a way of writing needs. */
export const RIGHTS_TO = {
  append: ['INSERT'],
  merge: ['INSERT', 'SELECT', 'UPDATE'],
  replace: ['INSERT', 'DELETE'],
} as const satisfies Readonly<Record<TablePolicy['disposition'], readonly TableRight[]>>;

/** A table that would be written. */
export interface WantedTable {
  readonly schema: string;
  readonly name: string;
  readonly state: RelationState | undefined;
  readonly needs: readonly TableRight[];
  /** Of a table of rows. */
  readonly policy?: TablePolicy | undefined;
  /** The columns that the first rows ask for; undefined where none were seen. */
  readonly columns?: SampleColumns | undefined;
}

/** Says whether the rows seen can go into their table. */
export function targetFindings(table: WantedTable, server: ServerState): readonly Finding[] {
  const { name, schema, state, columns } = table;
  if (state === undefined) return [absentTable(table)];
  const problems = tableProblems(table, server);
  if (state.kind !== 'table') return problems;
  const added = [...(columns ?? [])].filter(([column]) => !hasColumn(state, column));
  const text = `table ${schema}.${name} of ${state.owner} has ${counted(state.columns.length)}`;
  return [
    { state: 'ok', text: `${text}${describeAdded(added, columns)}`, details: columnLines(state, columns) },
    ...problems,
    ...(table.policy?.contract === 'evolve' ? ownership(table, server, added) : noPlace(table, added)),
    ...required(table),
  ];
}

/** What stands in the way of writing a table that is there: its kind, rights, row-level security, or that it may lose its rows. */
export function tableProblems(table: WantedTable, server: ServerState): readonly Finding[] {
  const { schema, name, state } = table;
  if (state === undefined) return [];
  if (state.kind === 'table')
    return [
      ...missingRights(table, state, server),
      ...rowSecurity(table, state, server),
      ...unlogged(table, state, server),
    ];
  const fix = { text: 'load into another table, by this key of the consumer', paste: [`table: ${name}_raw`] };
  const text = `${schema}.${name}: expected a table, got a ${state.kind}`;
  return [{ state: 'problem', text, fixes: [fix] }];
}

function missingRights(
  { schema, name, needs }: WantedTable,
  state: RelationState,
  server: ServerState,
): readonly Finding[] {
  const missing = needs.filter((right) => !state.rights.includes(right));
  if (missing.length === 0) return [];
  const grant = `GRANT ${missing.join(', ')} ON TABLE ${quoteTable(schema, name)} TO ${quoteIdentifier(server.role)};`;
  const text = `role ${server.role} has no ${missing.join(' and no ')} on ${schema}.${name}`;
  return [{ state: 'problem', text, fixes: [asOwner(state, server, grant)] }];
}

function rowSecurity(
  { schema, name }: WantedTable,
  { isRowSecured }: RelationState,
  server: ServerState,
): readonly Finding[] {
  if (!isRowSecured) return [];
  const text = `row-level security of ${schema}.${name} applies to role ${server.role}, and COPY is refused where it does`;
  const bypass = `ALTER ROLE ${quoteIdentifier(server.role)} BYPASSRLS;`;
  return [{ state: 'problem', text, fixes: [asSuperuser(server, bypass)] }];
}

function unlogged(
  { schema, name }: WantedTable,
  state: RelationState,
  server: ServerState,
): readonly Finding[] {
  if (!state.isUnlogged) return [];
  const text = `${schema}.${name} is UNLOGGED: a crash of the server would empty it, and its batches would count as loaded`;
  const log = `ALTER TABLE ${quoteTable(schema, name)} SET LOGGED;`;
  return [{ state: 'problem', text, fixes: [asOwner(state, server, log)] }];
}

function absentTable({ schema, name, columns }: WantedTable): Finding {
  const text = `table ${schema}.${name} is not there; it would be made`;
  if (columns === undefined || columns.size === 0) return { state: 'ok', text: `${text} for the first rows` };
  return { state: 'ok', text: `${text} with`, details: columnLines(undefined, columns) };
}

/** Each column with its type; those that the rows ask for first, what is new marked. */
function columnLines(
  state: RelationState | undefined,
  columns: SampleColumns = new Map(),
): readonly string[] {
  const asked = [...columns].map(([name, type]) => {
    const present = state?.columns.find((column) => column.name === name)?.type;
    const isNew = state !== undefined && present === undefined;
    const shown = present ?? type ?? 'with the first value that is not null';
    return { name, type: shown, mark: isNew ? 'would be added' : '' };
  });
  const others = (state?.columns ?? [])
    .filter(({ name }) => !columns.has(name))
    .map(({ name, type }) => ({ name, type, mark: columns.size === 0 ? '' : 'not in the rows seen' }));
  const lines = [...asked, ...others];
  const [nameWidth, typeWidth] = [
    widthOf(lines.map(({ name }) => name)),
    widthOf(lines.map(({ type }) => type)),
  ];
  return lines.map(({ name, type, mark }) =>
    `${name.padEnd(nameWidth)}  ${type.padEnd(typeWidth)}  ${mark}`.trimEnd(),
  );
}

type Added = readonly (readonly [string, string | null])[];

/** Only who owns a table may add columns to it. */
function ownership(
  { schema, name, state }: WantedTable,
  server: ServerState,
  added: Added,
): readonly Finding[] {
  if (state === undefined || state.isOwner) return [];
  const target = quoteTable(schema, name);
  const own = asSuperuser(server, `ALTER TABLE ${target} OWNER TO ${quoteIdentifier(server.role)};`);
  const who = `role ${server.role} does not own ${schema}.${name}`;
  const typed = added.filter(([, type]) => type !== null);
  if (typed.length === 0) {
    const text = `${who}, so a new key of the rows cannot become a column: loading would stop there`;
    return [{ state: 'note', text, fixes: [own] }];
  }
  const columns = typed.map(([column, type]) => `ADD COLUMN ${quoteIdentifier(column)} ${type}`);
  const text = `${who} and cannot add ${typed.map(([column]) => column).join(', ')}`;
  const add = asOwner(state, server, `ALTER TABLE ${target} ${columns.join(', ')};`);
  return [{ state: 'problem', text, fixes: [add, own] }];
}

const WITHOUT_PLACE = {
  evolve: '',
  freeze: 'such rows become dead letters (schema_contract: freeze)',
  discard_row: 'such rows are dropped (schema_contract: discard_row)',
  discard_value: 'those values are dropped (schema_contract: discard_value)',
} as const satisfies Readonly<Record<TablePolicy['contract'], string>>;

/** Where the table stays as it is, what it has no place for. */
function noPlace({ schema, name, policy }: WantedTable, added: Added): readonly Finding[] {
  if (added.length === 0 || policy === undefined) return [];
  const names = added.map(([column]) => column).join(', ');
  const text = `${schema}.${name} has no place for ${names}: ${WITHOUT_PLACE[policy.contract]}`;
  return [{ state: 'note', text }];
}

function required({ state, columns }: WantedTable): readonly Finding[] {
  if (state === undefined || columns === undefined || columns.size === 0) return [];
  const absent = state.columns.filter(({ name, isRequired }) => isRequired && !columns.has(name));
  if (absent.length === 0) return [];
  const names = absent.map(({ name }) => name).join(', ');
  const text = `the rows seen have no ${names}, which must have a value: such rows become dead letters`;
  return [{ state: 'note', text }];
}

function describeAdded(added: Added, columns: SampleColumns | undefined): string {
  if (columns === undefined || columns.size === 0) return '';
  return added.length === 0 ? ', all that the rows ask for' : `, ${counted(added.length)} would be added`;
}

function hasColumn({ columns }: RelationState, name: string): boolean {
  return columns.some((column) => column.name === name);
}

function counted(columns: number): string {
  return `${columns} ${columns === 1 ? 'column' : 'columns'}`;
}

function widthOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}

function asOwner({ owner }: RelationState, { database }: ServerState, statement: string): Fix {
  return {
    text: `run in database ${database} as ${owner}, who owns it, or as a superuser`,
    paste: [statement],
  };
}

function asSuperuser({ database }: ServerState, statement: string): Fix {
  return { text: `run in database ${database} as a superuser`, paste: [statement] };
}
