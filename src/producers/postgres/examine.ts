import { TLSSocket } from 'node:tls';
import type pg from 'pg';
import type { Batch } from '../../stages/stage.js';
import { Deadline } from '../../utils/deadline.js';
import type { Examination, Finding } from '../../utils/examination.js';
import type { TableRoute } from '../../utils/rows/table-setting.js';
import { readTlsFacts, type TlsFacts } from '../../utils/tls-facts.js';
import type { Source } from '../producer.js';
import { openPool } from './connect.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import type { TablePolicy } from './disposition.js';
import { connectionFinding, type ProfilePlace } from './examine-connection.js';
import { schemaFindings } from './examine-schema.js';
import { type ReachedServer, serverFindings, temporaryTables } from './examine-server.js';
import { RIGHTS_TO, tableProblems, targetFindings, type WantedTable } from './examine-table.js';
import { GAP_TABLE } from './gaps.js';
import { LEDGER_TABLE } from './ledger.js';
import { measureClock } from './measure-clock.js';
import { readSampleColumns } from './sample-columns.js';
import { type RelationState, readRelations, readSchema, readServer, type SchemaState } from './sink-state.js';
import { tablesOf } from './table-settings.js';

const DEADLINE_MS = 15_000;
/** Only the catalogue is read, so nothing waits for us; nor do we wait for long. */
const BEGIN = `BEGIN READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '2s'`;

/** A source, and how its rows are written. */
export interface SourceToExamine {
  readonly source: Source;
  readonly route: string | TableRoute;
  readonly policy: TablePolicy;
}

/** Where rows are to go. */
export interface SinkToExamine extends ProfilePlace {
  readonly applicationName: string;
  readonly sources: readonly SourceToExamine[];
  readonly samples: ReadonlyMap<Source, Batch>;
}

/** What was read of the sink. */
interface SinkLook {
  readonly server: ReachedServer;
  readonly schema: SchemaState | undefined;
  readonly relations: ReadonlyMap<string, RelationState>;
}

/** Looks whether the sources could be loaded, with a connection of its own. */
export async function examineSink(sink: SinkToExamine): Promise<Examination> {
  let pool: pg.Pool | undefined;
  let client: pg.PoolClient | undefined;
  try {
    pool = await openPool(sink.profile, { applicationName: sink.applicationName, size: 1 });
    pool.on('error', ignoreError);
    client = await pool.connect();
    client.on('error', ignoreError);
    return await new Deadline(DEADLINE_MS, 'the examination').watch(examineWith(client, sink));
  } catch (error) {
    return { findings: [connectionFinding(error, sink)], facts: addressOf(sink) };
  } finally {
    client?.release(true);
    await pool?.end();
  }
}

async function examineWith(client: pg.PoolClient, sink: SinkToExamine): Promise<Examination> {
  const { profile, sources, samples } = sink;
  const { schema } = profile;
  const names = [
    LEDGER_TABLE,
    DEAD_LETTER_TABLE,
    GAP_TABLE,
    ...sources.flatMap(({ route }) => tablesOf(route)),
  ];
  const clock = await measureClock(client);
  await client.query(BEGIN);
  const server = { profile, state: await readServer(client), tls: tlsOf(client), clock };
  const look = {
    server,
    schema: await readSchema(client, schema),
    relations: await readRelations(client, schema, names),
  };
  await client.query('ROLLBACK');
  const targets = (await Promise.all(sources.map((each) => wantTargets(look, each, samples)))).flat();
  return { findings: judge(look, targets), facts: { ...addressOf(sink), ...factsOf(look, targets) } };
}

function judge(look: SinkLook, targets: readonly WantedTable[]): readonly Finding[] {
  const { server, schema, relations } = look;
  const name = server.profile.schema;
  const own = ownTables(look);
  const isMerged = targets.some(({ policy }) => policy?.disposition === 'merge');
  const missing = [...own, ...targets].map((table) => table.name).filter((table) => !relations.has(table));
  return [
    ...serverFindings(server),
    ...(isMerged ? temporaryTables(server.state) : []),
    ...schemaFindings({ name, state: schema, missing: [...new Set(missing)] }, server.state),
    ...(schema === undefined ? [] : own.map(ownTableFinding)),
    ...own.flatMap((table) => tableProblems(table, server.state)),
    ...targets.flatMap((table) => targetFindings(table, server.state)),
  ];
}

function ownTables({ server, relations }: SinkLook): readonly WantedTable[] {
  const { schema } = server.profile;
  const want = (name: string, needs: WantedTable['needs']) => ({
    schema,
    name,
    needs,
    state: relations.get(name),
  });
  return [
    want(LEDGER_TABLE, ['SELECT', 'INSERT']),
    want(DEAD_LETTER_TABLE, ['INSERT']),
    want(GAP_TABLE, ['INSERT']),
  ];
}

function ownTableFinding({ name, state }: WantedTable): Finding {
  return { state: 'ok', text: `our own table ${name} ${state === undefined ? 'would be made' : 'is there'}` };
}

async function wantTargets(
  { server, relations }: SinkLook,
  { source, route, policy }: SourceToExamine,
  samples: SinkToExamine['samples'],
): Promise<readonly WantedTable[]> {
  const { schema } = server.profile;
  const sample = samples.get(source);
  const columns = sample === undefined ? undefined : await readSampleColumns(source, route, sample);
  return tablesOf(route).map((name) => ({
    schema,
    name,
    state: relations.get(name),
    needs: RIGHTS_TO[policy.disposition],
    policy,
    columns: columns?.get(name),
  }));
}

function addressOf({ profile: { host, port, database, user } }: SinkToExamine) {
  return { host, port, database, role: user };
}

function factsOf({ server, schema }: SinkLook, targets: readonly WantedTable[]) {
  const { state, tls, clock, profile } = server;
  return {
    server_version: state.version,
    encoding: state.encoding,
    encrypted: tls !== undefined,
    tls: tls ?? null,
    tls_at_server: state.isEncrypted ? { protocol: state.tlsVersion, cipher: state.tlsCipher } : null,
    clock_skew_ms: clock.skewMs,
    schema: {
      name: profile.schema,
      there: schema !== undefined,
      owner: schema?.owner ?? null,
      may_use: schema?.mayUse ?? null,
      may_create: schema?.mayCreate ?? state.mayCreateSchema,
    },
    tables: targets.map(tableFacts),
  };
}

function tableFacts({ name, state, needs, columns }: WantedTable) {
  return {
    name,
    there: state !== undefined,
    owner: state?.owner ?? null,
    is_owner: state?.isOwner ?? null,
    missing_rights: needs.filter((right) => state !== undefined && !state.rights.includes(right)),
    columns: (state?.columns ?? []).map((column) => ({ name: column.name, type: column.type })),
    row_columns: [...(columns ?? [])].map(([column, type]) => ({ name: column, type })),
  };
}

/** The driver keeps its socket where types do not reach. */
function tlsOf(client: pg.PoolClient): TlsFacts | undefined {
  const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
  return stream instanceof TLSSocket ? readTlsFacts(stream) : undefined;
}

/** A connection that breaks also fails the statement that meets it, and that is what is reported. */
function ignoreError(): void {}
