import type { Batch } from '../../stages/stage.js';
import { BlockedError, messageOf, SocketElError } from '../../utils/errors.js';
import type { DeadLetters } from '../dead-letters.js';
import { Producer, type ProducerContext, type Receipt, type Source } from '../producer.js';
import { Connections } from './connections.js';
import { PostgresDeadLetters } from './dead-letter-store.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import { forgetBatches } from './ledger.js';
import { prepareSchema } from './prepare.js';
import { loadPostgresProfile } from './profile.js';
import type { PostgresProfile, PostgresSettings } from './settings.js';
import { ReplanError } from './sink-error.js';
import { type BatchGroup, type LoadedGroup, TableLoader } from './table-loader.js';
import { tlsWarning } from './tls.js';
import { isLockTimeout, terminateZombies } from './zombie.js';

const MAX_REPLANS = 5;
/** So many waits for a lock in a row are too long for a loader that is alive. */
const MAX_LOCK_TIMEOUTS = 2;

/** Loads stages into PostgreSQL: binary COPY and ledger in one transaction. */
export class PostgresProducer extends Producer<PostgresSettings> {
  readonly #loaders = new Map<Source, TableLoader>();
  readonly #warned = new Set<Source>();
  readonly #lockTimeouts = new Map<Source, number>();
  readonly #connections: Connections;
  #profile: PostgresProfile | undefined;
  #hasWarnedOfTls = false;

  constructor(settings: PostgresSettings, context: ProducerContext) {
    super(settings, context);
    this.#connections = new Connections(`socket-el ${context.pipeline} ${context.name}`.slice(0, 63));
  }

  override async open(): Promise<void> {
    const profile = await this.#readProfile();
    this.#profile = profile;
    this.#warnOfTls(profile);
    await this.#connections.open(profile);
    await this.#connections.lend('prepare', (client) => prepareSchema(client, profile.schema));
  }

  /** During the run somebody may just be writing the file; what is wrong with it then is asked for again later. */
  async #readProfile(): Promise<PostgresProfile> {
    const { profileFiles: files, onSecret } = this.context;
    try {
      return await loadPostgresProfile({ files, name: this.settings.profile, onSecret });
    } catch (error) {
      if (this.#profile === undefined || !(error instanceof SocketElError)) throw error;
      const { code, message, hint } = error;
      throw new BlockedError({ code, message, hint }, { cause: error });
    }
  }

  override async forgetLoads(stageId: string, first: number): Promise<number> {
    const { schema } = this.#profile as PostgresProfile;
    return this.#connections.lend('prepare', (client) => forgetBatches(client, schema, stageId, first));
  }

  override deadLetters(): DeadLetters {
    const { schema } = this.#profile as PostgresProfile;
    return new PostgresDeadLetters({
      schema,
      withClient: (work) => this.#connections.lend('load', work),
      loaderOf: (source) => this.#loaderOf(source),
    });
  }

  override async close(): Promise<void> {
    await this.#connections.close();
  }

  override async write(batches: readonly Batch[], source: Source): Promise<Receipt> {
    const group = await readGroup(batches);
    const loader = this.#loaderOf(source);
    for (let replans = 0; ; replans++) {
      try {
        const loaded = await this.#connections.lend('load', (client, deadline) =>
          loader.load(client, group, deadline),
        );
        this.#lockTimeouts.delete(source);
        this.#warnOfDead(loaded, source);
        return toReceipt(loaded);
      } catch (error) {
        loader.forgetPlan();
        await this.#afterFailure(error, source, batches[0]?.stageId as string);
        if (!(error instanceof ReplanError)) throw error;
        if (replans >= MAX_REPLANS) throw blockedByChange(error);
      }
    }
  }

  /** Who waits for a lock again and again may be waiting for a loader that died. */
  async #afterFailure(error: unknown, source: Source, stageId: string): Promise<void> {
    const count = isLockTimeout(error) ? (this.#lockTimeouts.get(source) ?? 0) + 1 : 0;
    this.#lockTimeouts.set(source, count % MAX_LOCK_TIMEOUTS);
    if (count < MAX_LOCK_TIMEOUTS) return;
    const { schema } = this.#profile as PostgresProfile;
    const place = { schema, stageId, target: source.table };
    const { logger } = this.context;
    try {
      const pids = await this.#connections.lend('load', (client) => terminateZombies(client, place));
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
    const hint = `socket-el dlq show, or SELECT reason, raw FROM ${DEAD_LETTER_TABLE}, shows them all`;
    this.context.logger.log({ level: 'warn', message, hint });
  }

  protected override limits(): { readonly messages: number; readonly bytes: number } {
    const { max_rows, max_bytes } = this.settings.transaction;
    return { messages: max_rows, bytes: max_bytes };
  }

  #warnOfTls(profile: PostgresProfile): void {
    const message = tlsWarning(profile);
    if (message === undefined || this.#hasWarnedOfTls) return;
    this.#hasWarnedOfTls = true;
    const hint = 'sslmode: verify-full in the profile, with sslrootcert: for an authority of your own';
    this.context.logger.log({ level: 'warn', message, hint });
  }

  #loaderOf(source: Source): TableLoader {
    const known = this.#loaders.get(source);
    if (known !== undefined) return known;
    const { schema } = this.#profile as PostgresProfile;
    const loader = new TableLoader(source, { schema, maxColumns: this.settings.max_columns });
    this.#loaders.set(source, loader);
    return loader;
  }
}

function blockedByChange(cause: ReplanError): BlockedError {
  const hint = 'something changes the table, or a trigger of it fails, each time rows are loaded';
  return new BlockedError(
    { code: 'sink.replan', message: 'expected the table as it was planned', hint },
    { cause },
  );
}

async function readGroup(batches: readonly Batch[]): Promise<BatchGroup> {
  const group: { batch: Batch; content: Awaited<ReturnType<Batch['read']>> }[] = [];
  for (const batch of batches) group.push({ batch, content: await batch.read() });
  return group;
}

function toReceipt({ encoded, entered }: LoadedGroup): Receipt {
  const isEntered = new Set(entered);
  const skipped = encoded.filter((batch) => !isEntered.has(batch));
  const deadRows = sum(entered, (batch) => batch.deadRows);
  const loadedRows = sum(entered, (batch) => batch.loadedRows);
  return {
    messages: sum(encoded, ({ batch }) => batch.messages),
    skippedMessages: sum(skipped, ({ batch }) => batch.messages),
    decodedMessages: sum(entered, (batch) => batch.decodedMessages),
    ignoredMessages: sum(entered, (batch) => batch.ignoredMessages),
    deadMessages: sum(entered, (batch) => batch.deadMessages),
    rows: loadedRows + deadRows,
    loadedRows,
    deadRows,
    skippedRows: sum(skipped, (batch) => batch.loadedRows),
  };
}

function sum<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}
