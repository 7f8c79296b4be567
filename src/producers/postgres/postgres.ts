import type { ClientBase } from 'pg';
import type { Batch } from '../../stages/stage.js';
import { BlockedError, messageOf, SocketElError } from '../../utils/errors.js';
import type { Examination } from '../../utils/examination.js';
import type { DeadLetters } from '../dead-letters.js';
import { Producer, type ProducerContext, type Receipt, type Source } from '../producer.js';
import { Connections } from './connections.js';
import { PostgresDeadLetters } from './dead-letter-store.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import { examineSink, type SourceToExamine } from './examine.js';
import { type BatchGroup, GroupRead } from './group-read.js';
import { forgetBatches } from './ledger.js';
import { loadUntilTaken } from './load-group.js';
import type { LoadedGroup } from './load-transaction.js';
import { missingStatements, prepareSchema } from './prepare.js';
import { loadPostgresProfile } from './profile.js';
import { DEFAULT_PROFILE, type PostgresProfile, type PostgresSettings } from './settings.js';
import { TooMuchError } from './sink-error.js';
import { SourceLoader } from './source-loader.js';
import { policyFor, routeFor } from './table-settings.js';
import { tlsWarning } from './tls.js';
import { addReceipts, NOTHING, toReceipt } from './to-receipt.js';
import { warmUp } from './warm-up.js';
import { isLockTimeout, terminateZombies } from './zombie.js';

/** At least one batch is loaded at once, however large. */
const ONE_BATCH = { messages: 0, bytes: 0 };
/** So many waits for a lock in a row are too long for a loader that is alive. */
const MAX_LOCK_TIMEOUTS = 2;

/** A group that was given before the sink was open; the first of a source is being read. */
interface EarlyGroup {
  readonly group: BatchGroup;
  readonly read: GroupRead | undefined;
}

/** What became of the first batches of a group, and the others. */
interface Written {
  readonly receipt: Receipt;
  readonly rest: readonly Batch[];
}

/** Loads stages into PostgreSQL: COPY and ledger in one transaction. */
export class PostgresProducer extends Producer<PostgresSettings> {
  readonly #loaders = new Map<Source, SourceLoader>();
  /** Groups that were given before there was a loader. */
  readonly #early = new Map<Source, EarlyGroup[]>();
  readonly #warned = new Set<Source>();
  readonly #lockTimeouts = new Map<Source, number>();
  /** How far groups were written before something failed. */
  readonly #written = new WeakMap<readonly Batch[], Written>();
  readonly #connections: Connections;
  #profile: PostgresProfile | undefined;
  #hasWarnedOfTls = false;

  constructor(settings: PostgresSettings, context: ProducerContext) {
    super(settings, context);
    this.#connections = new Connections(`socket-el ${context.pipeline} ${context.name}`.slice(0, 63));
  }

  override async open(): Promise<void> {
    const { schema } = await this.#connect();
    await this.#connections.lend('prepare', (client) => prepareSchema(client, schema));
  }

  override async checkTargets(): Promise<void> {
    const isCold = this.#early.size === 0;
    for (const [source, groups] of this.#early)
      for (const { group, read } of groups) this.#loaderOf(source).prepare(group, read);
    this.#early.clear();
    const planned = this.#connections.lend('prepare', async (client) => {
      for (const source of this.context.sources) await this.#makeReady(client, source);
    });
    // What is there already warms up by itself.
    await Promise.all([planned, isCold ? warmUp() : undefined]);
    const { host, port, database, schema } = this.#profile as PostgresProfile;
    const message = `loading into schema ${schema} of ${database} at ${host}:${port}`;
    this.context.logger.log({ level: 'info', message });
  }

  /** What was given before the sink was open is encoded as soon as it is known how. */
  async #makeReady(client: ClientBase, source: Source): Promise<void> {
    const loader = this.#loaderOf(source);
    await loader.ensurePlans(client);
    loader.goAhead();
  }

  async #connect(): Promise<PostgresProfile> {
    const profile = await this.#readProfile();
    this.#profile = profile;
    this.#warnOfTls(profile);
    await this.#connections.open(profile);
    return profile;
  }

  /** During the run somebody may just be writing the file; what is wrong with it then is asked for again later. */
  async #readProfile(): Promise<PostgresProfile> {
    const { profileFiles, onSecret } = this.context;
    try {
      return await loadPostgresProfile({ files: profileFiles, name: this.settings.profile, onSecret });
    } catch (error) {
      if (this.#profile === undefined || !(error instanceof SocketElError)) throw error;
      const { code, message, hint } = error;
      throw new BlockedError({ code, message, hint }, { cause: error });
    }
  }

  override async forgetLoads(source: Source, stageId: string, first: number): Promise<number> {
    const { schema } = this.#profile as PostgresProfile;
    const { targets } = this.#loaderOf(source);
    return this.#connections.lend('prepare', (client) =>
      forgetBatches(client, schema, { stageId, first, targets }),
    );
  }

  override overwrites({ consumer }: Source): boolean {
    return policyFor(this.settings, consumer).disposition === 'merge';
  }

  override deadLetters(): DeadLetters {
    const { schema } = this.#profile as PostgresProfile;
    return new PostgresDeadLetters({
      schema,
      withClient: (work) => this.#connections.lend('load', work),
      loaderOf: (source) => this.#loaderOf(source),
    });
  }

  override async examine(samples: ReadonlyMap<Source, Batch>): Promise<Examination> {
    const { profileFiles, pipeline, name } = this.context;
    const sources = this.context.sources.map((source) => this.#toExamine(source));
    const profile = await this.#readProfile();
    const applicationName = `socket-el doctor ${pipeline} ${name}`;
    const profileName = this.settings.profile ?? DEFAULT_PROFILE;
    return examineSink({ profile, profileName, profileFiles, applicationName, sources, samples });
  }

  #toExamine(source: Source): SourceToExamine {
    const { consumer, table } = source;
    const route = routeFor(this.settings, { name: consumer, table });
    return { source, route, policy: policyFor(this.settings, consumer) };
  }

  override async close(): Promise<void> {
    await this.#connections.close();
  }

  override async statementsFor(source: Source, batches: readonly Batch[]): Promise<readonly string[]> {
    const { schema } = this.#profile ?? (await this.#connect());
    const loader = this.#loaderOf(source);
    return this.#connections.lend('load', async (client) => [
      ...(await missingStatements(client, schema)),
      ...(await loader.statementsFor(client, toGroup(batches))),
    ]);
  }

  /** In as many transactions as it takes, each exactly once by the ledger; what the server gives up on, in halves. */
  override async write(batches: readonly Batch[], source: Source): Promise<Receipt> {
    let written = this.#written.get(batches) ?? { receipt: NOTHING, rest: batches };
    for (let most = batches.length; written.rest.length > 0; ) {
      const { receipt, rest } = written;
      try {
        const loaded = await this.#load(rest.slice(0, most), source);
        this.#lockTimeouts.delete(source);
        this.#warnOfDead(loaded, source);
        const sum = addReceipts(receipt, toReceipt(loaded));
        written = { receipt: sum, rest: rest.slice(loaded.encoded.length) };
        this.#written.set(batches, written);
      } catch (error) {
        // The sink may be another one when it is opened again: then all of it is offered.
        if (error instanceof BlockedError) this.#written.delete(batches);
        await this.#afterFailure(error, source, batches[0]?.stageId as string);
        most = halfAfter(error, Math.min(most, rest.length));
      }
    }
    this.#written.delete(batches);
    return written.receipt;
  }

  /** A set would be there twice: sets are loaded one at a time. */
  override prepare(batches: readonly Batch[], source: Source): void {
    if (policyFor(this.settings, source.consumer).disposition === 'replace') return;
    const group = toGroup(batches);
    const loader = this.#loaders.get(source);
    if (loader !== undefined) loader.prepare(group);
    else this.#prepareEarly(group, source);
  }

  #prepareEarly(group: BatchGroup, source: Source): void {
    const early = this.#early.get(source) ?? [];
    const read = early.length === 0 ? new GroupRead(group) : undefined;
    this.#early.set(source, [...early, { group, read }]);
  }

  #load(batches: readonly Batch[], source: Source): Promise<LoadedGroup> {
    const loader = this.#loaderOf(source);
    const group = toGroup(batches);
    return loadUntilTaken({
      withClient: (work) => this.#connections.lend('load', work),
      load: (client, how) => loader.load(client, group, how),
      findPoison: (client, how) => loader.findPoison(client, group, { ...how, isOfLetters: false }),
      forgetPlans: () => loader.forgetPlans(),
    });
  }

  /** Who waits for a lock again and again may be waiting for a loader that died. */
  async #afterFailure(error: unknown, source: Source, stageId: string): Promise<void> {
    const count = isLockTimeout(error) ? (this.#lockTimeouts.get(source) ?? 0) + 1 : 0;
    this.#lockTimeouts.set(source, count % MAX_LOCK_TIMEOUTS);
    if (count < MAX_LOCK_TIMEOUTS) return;
    const { schema } = this.#profile as PostgresProfile;
    const { logger, name: producer } = this.context;
    try {
      const pids = await this.#connections.lend('load', (client) =>
        terminateZombies(client, { schema, stageId, producer }),
      );
      if (pids.length === 0) return;
      const message = `${source.consumer}: ended the server's process ${pids.join(', ')}, which held the ledger for a loader that is gone`;
      logger.log({ level: 'warn', message });
    } catch (failure) {
      // The load is tried again in any case, and says what it meets.
      logger.log({ level: 'warn', message: `cannot look for loaders that are gone: ${messageOf(failure)}` });
    }
  }

  /** The first of each source is worth a word; all are in the table. */
  #warnOfDead({ entered }: LoadedGroup, source: Source): void {
    const first = entered.flatMap(({ deadLetters }) => deadLetters.slice(0, 1))[0];
    if (first === undefined || this.#warned.has(source)) return;
    this.#warned.add(source);
    const message = `${source.consumer}: a dead letter, and maybe more to come: ${first.reason}`;
    const hint = `socket-el dlq show, or SELECT reason, raw FROM ${DEAD_LETTER_TABLE}, shows them all; socket-el doctor has the line of ignore: for what is no data`;
    this.context.logger.log({ level: 'warn', message, hint });
  }

  /** Of sets each takes the place of the one before, so they go one at a time. */
  protected override limits(source: Source): { readonly messages: number; readonly bytes: number } {
    const { max_rows, max_bytes } = this.settings.transaction;
    if (policyFor(this.settings, source.consumer).disposition === 'replace') return ONE_BATCH;
    return { messages: max_rows, bytes: max_bytes };
  }

  #warnOfTls(profile: PostgresProfile): void {
    const message = tlsWarning(profile);
    if (message === undefined || this.#hasWarnedOfTls) return;
    this.#hasWarnedOfTls = true;
    const hint = 'sslmode: verify-full in the profile, with sslrootcert: for an authority of your own';
    this.context.logger.log({ level: 'warn', message, hint });
  }

  #loaderOf(source: Source): SourceLoader {
    const known = this.#loaders.get(source);
    if (known !== undefined) return known;
    const { schema } = this.#profile as PostgresProfile;
    const { consumer, table } = source;
    const loader = new SourceLoader(source, {
      producer: this.context.name,
      schema,
      policy: policyFor(this.settings, consumer),
      route: routeFor(this.settings, { name: consumer, table }),
      onHint: (message, hint) =>
        this.context.logger.log({ level: 'info', message: `${consumer}: ${message}`, hint }),
    });
    this.#loaders.set(source, loader);
    return loader;
  }
}

/** @throws the error, when half as much would not help */
function halfAfter(error: unknown, count: number): number {
  if (!(error instanceof TooMuchError) || count < 2) throw error;
  return count >> 1;
}

function toGroup(batches: readonly Batch[]): BatchGroup {
  return batches.map((batch) => ({ batch }));
}
