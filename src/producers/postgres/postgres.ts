import type pg from 'pg';
import type { Batch } from '../../stages/stage.js';
import { Deadline } from '../../utils/deadline.js';
import { BlockedError, SocketElError } from '../../utils/errors.js';
import type { Examination } from '../../utils/examination.js';
import { loadProfile } from '../../utils/profile.js';
import type { DeadLetters } from '../dead-letters.js';
import { Producer, type Receipt, type Source } from '../producer.js';
import { createPool } from './connect.js';
import { PostgresDeadLetters } from './dead-letter-store.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import { examineSink, type SourceToExamine } from './examine.js';
import { forgetBatches } from './ledger.js';
import { loadUntilTaken } from './load-group.js';
import type { LoadedGroup } from './load-transaction.js';
import { missingStatements, prepareSchema } from './prepare.js';
import { type PostgresProfile, type PostgresSettings, postgresProfileSchema } from './settings.js';
import { type SinkPhase, TooMuchError, toSinkError } from './sink-error.js';
import { type BatchGroup, SourceLoader } from './source-loader.js';
import { policyFor, routeFor } from './table-settings.js';
import { addReceipts, toReceipt } from './to-receipt.js';

/** Without progress for so long the attempt is given up; the ledger decides what came of it. */
const DEADLINE_MS: Readonly<Record<SinkPhase, number>> = { prepare: 30_000, load: 120_000 };

/** At least one batch is loaded at once, however large. */
const ONE_BATCH = { messages: 0, bytes: 0 };

/** Loads stages into PostgreSQL: binary COPY and ledger in one transaction. */
export class PostgresProducer extends Producer<PostgresSettings> {
  readonly #loaders = new Map<Source, SourceLoader>();
  readonly #warned = new Set<Source>();
  #pool: pg.Pool | undefined;
  #profile: PostgresProfile | undefined;

  /** The pool before stays until this one is made: other sources may be loading. */
  override async open(): Promise<void> {
    const profile = await this.#connect();
    await this.#withClient('prepare', (client) => prepareSchema(client, profile.schema));
  }

  async #connect(): Promise<PostgresProfile> {
    const profile = await this.#readProfile();
    const before = this.#pool;
    this.#profile = profile;
    this.#pool = this.#createPool(profile);
    before?.end().catch(ignoreError);
    return profile;
  }

  /** During the run somebody may just be writing the file; what is wrong with it then is asked for again later. */
  async #readProfile(): Promise<PostgresProfile> {
    const { profileFiles, onSecret } = this.context;
    try {
      return await loadProfile(profileFiles, this.settings.profile, postgresProfileSchema, onSecret);
    } catch (error) {
      if (this.#profile === undefined || !(error instanceof SocketElError)) throw error;
      const { code, message, hint } = error;
      throw new BlockedError({ code, message, hint }, { cause: error });
    }
  }

  override async forgetLoads(stageId: string, first: number): Promise<number> {
    const { schema } = this.#profile as PostgresProfile;
    return this.#withClient('prepare', (client) => forgetBatches(client, schema, stageId, first));
  }

  override deadLetters(): DeadLetters {
    const { schema } = this.#profile as PostgresProfile;
    return new PostgresDeadLetters({
      schema,
      withClient: (work) => this.#withClient('load', work),
      loaderOf: (source) => this.#loaderOf(source),
    });
  }

  override async examine(samples: ReadonlyMap<Source, Batch>): Promise<Examination> {
    const { profileFiles, pipeline, name } = this.context;
    const sources = this.context.sources.map((source) => this.#toExamine(source));
    const profile = await this.#readProfile();
    const pool = createPool(profile, `socket-el doctor ${pipeline} ${name}`);
    const profileName = this.settings.profile;
    return examineSink(pool, { profile, profileName, profileFiles, sources, samples });
  }

  #toExamine(source: Source): SourceToExamine {
    const { consumer, table } = source;
    const route = routeFor(this.settings, { name: consumer, table });
    return { source, route, policy: policyFor(this.settings, consumer) };
  }

  override async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.end();
  }

  override async write(batches: readonly Batch[], source: Source): Promise<Receipt> {
    return this.#write(await readGroup(batches), source);
  }

  override async statementsFor(source: Source, batches: readonly Batch[]): Promise<readonly string[]> {
    const { schema } = this.#profile ?? (await this.#connect());
    const group = await readGroup(batches);
    const loader = this.#loaderOf(source);
    return this.#withClient('load', async (client) => [
      ...(await missingStatements(client, schema)),
      ...(await loader.statementsFor(client, group)),
    ]);
  }

  /** What the server gives up on is loaded in halves, each exactly once by the ledger. */
  async #write(group: BatchGroup, source: Source): Promise<Receipt> {
    const loader = this.#loaderOf(source);
    try {
      const loaded = await loadUntilTaken({
        withClient: (work) => this.#withClient('load', work),
        load: (client, how) => loader.load(client, group, how),
        findPoison: (client, known) => loader.findPoison(client, group, known),
        forgetPlans: () => loader.forgetPlans(),
      });
      this.#warnOfDead(loaded, source);
      return toReceipt(loaded);
    } catch (error) {
      if (!(error instanceof TooMuchError) || group.length < 2) throw error;
      const middle = group.length >> 1;
      const first = await this.#write(group.slice(0, middle), source);
      return addReceipts(first, await this.#write(group.slice(middle), source));
    }
  }

  /** The first of each source is worth a word; all are in the table. */
  #warnOfDead({ entered }: LoadedGroup, source: Source): void {
    const first = entered.flatMap(({ deadLetters }) => deadLetters.slice(0, 1))[0];
    if (first === undefined || this.#warned.has(source)) return;
    this.#warned.add(source);
    const message = `${source.consumer}: a dead letter, and maybe more to come: ${first.reason}`;
    const hint = `socket-el dlq show, or SELECT reason, raw FROM ${DEAD_LETTER_TABLE}, shows them all`;
    this.context.logger.log({ level: 'warn', message, hint });
  }

  /** Of sets each takes the place of the one before, so they go one at a time. */
  protected override limits(source: Source): { readonly messages: number; readonly bytes: number } {
    const { max_rows, max_bytes } = this.settings.transaction;
    if (policyFor(this.settings, source.consumer).disposition === 'replace') return ONE_BATCH;
    return { messages: max_rows, bytes: max_bytes };
  }

  #createPool(profile: PostgresProfile): pg.Pool {
    const pool = createPool(profile, `socket-el ${this.context.pipeline} ${this.context.name}`);
    // An idle connection that breaks is replaced at the next load, which reports what it meets.
    pool.on('error', ignoreError);
    return pool;
  }

  /** Lends a connection; after an error it is destroyed, because nothing is known of its state. */
  async #withClient<T>(
    phase: SinkPhase,
    work: (client: pg.PoolClient, deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    const place = this.#profile as PostgresProfile;
    let client: pg.PoolClient | undefined;
    try {
      client = await (this.#pool as pg.Pool).connect();
      client.on('error', ignoreError);
      const deadline = new Deadline(DEADLINE_MS[phase], phase);
      const result = await deadline.watch(work(client, deadline));
      client.off('error', ignoreError);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw toSinkError(error, place, phase);
    }
  }

  #loaderOf(source: Source): SourceLoader {
    const known = this.#loaders.get(source);
    if (known !== undefined) return known;
    const { schema } = this.#profile as PostgresProfile;
    const place = { name: source.consumer, table: source.table };
    const loader = new SourceLoader(source, {
      schema,
      policy: policyFor(this.settings, source.consumer),
      route: routeFor(this.settings, place),
    });
    this.#loaders.set(source, loader);
    return loader;
  }
}

/** A connection that breaks also fails the statement that meets it, and that is the error that is reported. */
function ignoreError(): void {}

async function readGroup(batches: readonly Batch[]): Promise<BatchGroup> {
  const group: { batch: Batch; content: Awaited<ReturnType<Batch['read']>> }[] = [];
  for (const batch of batches) group.push({ batch, content: await batch.read() });
  return group;
}
