import type { ClientBase } from 'pg';
import type { Batch } from '../../stages/stage.js';
import { MessageDecoder, type RowPlace } from '../../utils/rows/message-decoder.js';
import { TableRouter } from '../../utils/rows/table-router.js';
import type { TableRoute } from '../../utils/rows/table-setting.js';
import type { DeadLetterReplay } from '../dead-letters.js';
import type { Source } from '../producer.js';
import type { EncodedBatch } from './batch-encoder.js';
import { ChangeRecorder } from './change-table.js';
import { assertHoldsEarlier } from './check-target.js';
import type { TablePolicy } from './disposition.js';
import { findPoison } from './find-poison.js';
import { type EncodedGroup, GroupEncoder } from './group-encoder.js';
import type { BatchGroup, GroupRead } from './group-read.js';
import type { LoadHow } from './load-group.js';
import { type LoadedGroup, type LoadInput, loadGroup, loadLetters } from './load-transaction.js';
import { assertFew, NO_POISON, type Poison } from './poison.js';
import { judgeLetters, type Letter, lettersAsBatch } from './replay-letters.js';
import { SourceTargets } from './source-targets.js';
import { tablesOf } from './table-settings.js';

/** Where a source's rows go. */
export interface LoaderOptions {
  readonly producer: string;
  readonly schema: string;
  readonly policy: TablePolicy;
  readonly route: string | TableRoute;
  readonly onHint: (message: string, hint: string) => void;
}

/** Loads one source into its tables; keeps plans and buffers between groups. */
export class SourceLoader {
  readonly #producer: string;
  readonly #schema: string;
  readonly #source: Source;
  readonly #targets: SourceTargets;
  readonly #encoder: GroupEncoder;
  #isChecked = false;

  constructor(source: Source, { producer, schema, policy, route, onHint }: LoaderOptions) {
    this.#producer = producer;
    this.#schema = schema;
    this.#source = source;
    this.#targets = new SourceTargets({
      // A name that no table of a configuration has.
      main: typeof route === 'string' ? route : `(${source.consumer})`,
      router: typeof route === 'string' ? undefined : new TableRouter(route),
      tables: tablesOf(route),
      place: { schema, decode: source.decode, policy, onHint },
    });
    this.#encoder = new GroupEncoder(source, this.#targets);
  }

  /** Notes a group that will be loaded next, and what was begun to be read of it. */
  prepare(group: BatchGroup, read?: GroupRead): void {
    this.#encoder.prepare(group, read);
  }

  /** Says that there is time to encode what will be loaded next. */
  goAhead(): void {
    this.#encoder.goAhead();
  }

  /** Loads a group, or the first batches of it; on any error the connection is to be destroyed. */
  async load(client: ClientBase, group: BatchGroup, { deadline, poison }: LoadHow): Promise<LoadedGroup> {
    if (!this.#isChecked) {
      const place = { schema: this.#schema, targets: this.#targets.tables };
      await assertHoldsEarlier(client, place, group[0]?.batch as Batch);
    }
    this.#isChecked = true;
    const onProgress = (ms?: number) => deadline.touch(ms);
    const encoded = await this.#encoder.encode(client, group, { poison, isProbe: false, onProgress });
    const onSending = () => this.goAhead();
    try {
      return await loadGroup(client, { ...this.#input(encoded), onProgress, onSending });
    } finally {
      // After an error the connection may still send some of it, which is never committed.
      encoded.encoding.release();
      this.#encoder.stay();
    }
  }

  /** Finds the rows of a group that the server refuses, beside those known; on any error the connection is to be destroyed. */
  async findPoison(
    client: ClientBase,
    group: BatchGroup,
    how: LoadHow & { readonly isOfLetters: boolean },
  ): Promise<Poison> {
    const { batches, encoding } = await this.#encoder.encode(client, group, {
      poison: how.poison,
      isProbe: true,
      onProgress: (ms) => how.deadline.touch(ms),
    });
    try {
      const input = { ...how, schema: this.#schema, parts: batches.flatMap(({ parts }) => parts) };
      const tables = encoding.withRows();
      const found = await findPoison(client, tables, input);
      for (const table of tables) assertFew(table, found, this.#source.consumer);
      return found;
    } finally {
      encoding.release();
    }
  }

  /** The statements that loading a group would change its tables by. */
  async statementsFor(client: ClientBase, group: BatchGroup): Promise<readonly string[]> {
    const changer = new ChangeRecorder(client);
    await this.#encoder.encode(client, group, { poison: NO_POISON, isProbe: false, changer });
    this.#targets.forgetPlans();
    return changer.statements;
  }

  /** Loads what of dead letters is none any more; on any error the connection is to be destroyed. */
  async reload(
    client: ClientBase,
    letters: readonly Letter[],
    poison = NO_POISON,
  ): Promise<DeadLetterReplay> {
    const whole = letters.filter(({ isRow }) => !isRow);
    const rows = letters.filter(({ isRow }) => isRow);
    const group = this.letterGroup(letters);
    const encoded = await this.#encoder.encode(client, group, { poison, isProbe: false });
    const outcomes = [whole, rows].map((part, i) => judgeLetters(part, encoded.batches[i] as EncodedBatch));
    try {
      await loadLetters(client, this.#input(encoded), outcomes);
    } finally {
      encoded.encoding.release();
    }
    const replayed = outcomes.reduce((sum, { gone }) => sum + gone.length, 0);
    const loaded = encoded.batches.reduce((sum, { loadedRows }) => sum + loadedRows, 0);
    return { replayed, rows: loaded, remaining: letters.length - replayed };
  }

  /** Letters as batches: whole messages, then rows. */
  letterGroup(letters: readonly Letter[]): BatchGroup {
    const whole = letters.filter(({ isRow }) => !isRow);
    const rows = letters.filter(({ isRow }) => isRow);
    return [
      { batch: lettersAsBatch(whole, this.#source, 0) },
      { batch: lettersAsBatch(rows, this.#source, 1), decoder: new MessageDecoder(aloneIn(this.#source)) },
    ];
  }

  /** What the ledger and the dead letters know its tables by, and what is no table's. */
  get targets(): readonly string[] {
    return this.#targets.names;
  }

  /** Looks at the tables. @throws BlockedError when rows cannot be loaded into one of them */
  async ensurePlans(client: ClientBase): Promise<void> {
    for (const target of this.#targets.all()) await target.ensurePlan(client);
  }

  /** Forgets the plans, so that the next load looks at the ledger and the tables anew. */
  forgetPlans(): void {
    this.#isChecked = false;
    this.#targets.forgetPlans();
  }

  #input({ batches, encoding }: EncodedGroup): LoadInput {
    return {
      producer: this.#producer,
      stageId: batches[0]?.batch.stageId ?? '',
      schema: this.#schema,
      encoded: batches,
      tables: encoding.tables,
      names: this.#targets.names,
    };
  }
}

/** A row that was set aside stands alone: nothing leads to it, and what was included is in it. */
function aloneIn({ decode }: Source): RowPlace {
  return { decode: decode.decode, include: {}, ignore: [] };
}
