import type { ClientBase } from 'pg';
import type { Batch, BatchContent } from '../../stages/stage.js';
import { BlockedError } from '../../utils/errors.js';
import { MessageDecoder, type RowPlace } from '../../utils/rows/message-decoder.js';
import { TableRouter } from '../../utils/rows/table-router.js';
import type { TableRoute } from '../../utils/rows/table-setting.js';
import type { DeadLetterReplay } from '../dead-letters.js';
import type { Source } from '../producer.js';
import { type EncodedBatch, encodeBatch } from './batch-encoder.js';
import { ChangeRecorder, type ChangeTable, TableChanger } from './change-table.js';
import { assertHoldsEarlier } from './check-target.js';
import { LONG_MS, type Progress } from './copy-rows.js';
import type { TablePolicy } from './disposition.js';
import { findPoison } from './find-poison.js';
import type { LoadHow } from './load-group.js';
import { type LoadedGroup, type LoadInput, loadGroup, loadLetters } from './load-transaction.js';
import { assertFew, NO_POISON, type Poison } from './poison.js';
import { judgeLetters, type Letter, lettersAsBatch } from './replay-letters.js';
import { SourceTargets } from './source-targets.js';
import { tablesOf } from './table-settings.js';

/** More changes of the tables for one group mean that somebody else changes them back. */
const MAX_PLANS = 40;

/** A group of batches with what was read of each. */
export type BatchGroup = readonly {
  readonly batch: Batch;
  readonly content: BatchContent;
  /** How its messages become rows, when not as those of the source. */
  readonly decoder?: MessageDecoder;
}[];

/** How a group is encoded; `onProgress` as of `EncodedRows`, for a change of a table may take long. */
interface EncodeGroup {
  readonly isProbe: boolean;
  readonly poison: Poison;
  readonly onProgress?: Progress;
}

/** Where a source's rows go. */
export interface LoaderOptions {
  readonly producer: string;
  readonly schema: string;
  readonly policy: TablePolicy;
  readonly route: string | TableRoute;
  readonly onHint: (message: string, line: string) => void;
}

/** Loads one source into its tables; keeps plans and buffers between groups. */
export class SourceLoader {
  readonly #producer: string;
  readonly #schema: string;
  readonly #source: Source;
  readonly #decoder: MessageDecoder;
  readonly #targets: SourceTargets;
  #isChecked = false;

  constructor(source: Source, { producer, schema, policy, route, onHint }: LoaderOptions) {
    this.#producer = producer;
    this.#schema = schema;
    this.#source = source;
    this.#decoder = new MessageDecoder(source.decode);
    this.#targets = new SourceTargets({
      // A name that no table of a configuration has.
      main: typeof route === 'string' ? route : `(${source.consumer})`,
      router: typeof route === 'string' ? undefined : new TableRouter(route),
      tables: tablesOf(route),
      place: { schema, decode: source.decode, policy, onHint },
    });
  }

  /** Loads a group; on any error the connection is to be destroyed. */
  async load(client: ClientBase, group: BatchGroup, { deadline, poison }: LoadHow): Promise<LoadedGroup> {
    if (!this.#isChecked) {
      const place = { schema: this.#schema, targets: this.#targets.tables };
      await assertHoldsEarlier(client, place, group[0]?.batch as Batch);
    }
    this.#isChecked = true;
    const onProgress = (ms?: number) => deadline.touch(ms);
    const encoded = await this.#encode(client, group, { poison, isProbe: false, onProgress });
    return loadGroup(client, { ...this.#input(encoded), onProgress });
  }

  /** Finds the rows of a group that the server refuses, beside those known; on any error the connection is to be destroyed. */
  async findPoison(
    client: ClientBase,
    group: BatchGroup,
    how: LoadHow & { readonly isOfLetters: boolean },
  ): Promise<Poison> {
    const encoded = await this.#encode(client, group, {
      poison: how.poison,
      isProbe: true,
      onProgress: (ms) => how.deadline.touch(ms),
    });
    const input = { ...how, schema: this.#schema, parts: encoded.flatMap(({ parts }) => parts) };
    const found = await findPoison(client, this.#targets.withRows(), input);
    for (const target of this.#targets.withRows()) assertFew(target, found, this.#source.consumer);
    return found;
  }

  /** The statements that loading a group would change its tables by. */
  async statementsFor(client: ClientBase, group: BatchGroup): Promise<readonly string[]> {
    const recorder = new ChangeRecorder(client);
    await this.#encode(client, group, { poison: NO_POISON, isProbe: false }, recorder);
    this.#targets.forgetPlans();
    return recorder.statements;
  }

  /** Loads what of dead letters is none any more; on any error the connection is to be destroyed. */
  async reload(
    client: ClientBase,
    letters: readonly Letter[],
    poison = NO_POISON,
  ): Promise<DeadLetterReplay> {
    const whole = letters.filter(({ isRow }) => !isRow);
    const rows = letters.filter(({ isRow }) => isRow);
    const encoded = await this.#encode(client, this.letterGroup(letters), { poison, isProbe: false });
    const outcomes = [whole, rows].map((part, i) => judgeLetters(part, encoded[i] as EncodedBatch));
    await loadLetters(client, this.#input(encoded), outcomes);
    const replayed = outcomes.reduce((sum, { gone }) => sum + gone.length, 0);
    const loaded = encoded.reduce((sum, { loadedRows }) => sum + loadedRows, 0);
    return { replayed, rows: loaded, remaining: letters.length - replayed };
  }

  /** Letters as batches: whole messages, then rows. */
  letterGroup(letters: readonly Letter[]): BatchGroup {
    const whole = letters.filter(({ isRow }) => !isRow);
    const rows = letters.filter(({ isRow }) => isRow);
    return [
      lettersAsBatch(whole, this.#source, 0),
      { ...lettersAsBatch(rows, this.#source, 1), decoder: new MessageDecoder(aloneIn(this.#source)) },
    ];
  }

  /** What the ledger and the dead letters know its tables by, and what is no table's. */
  get targets(): readonly string[] {
    return this.#targets.names;
  }

  /** Looks at the tables. @throws BlockedError when rows cannot be loaded into one of them */
  async ensurePlans(client: ClientBase): Promise<void> {
    for (const target of this.#targets.withPlan().values()) await target.ensurePlan(client);
  }

  /** Forgets the plans, so that the next load looks at the ledger and the tables anew. */
  forgetPlans(): void {
    this.#isChecked = false;
    this.#targets.forgetPlans();
  }

  #input(encoded: readonly EncodedBatch[]): LoadInput {
    return {
      producer: this.#producer,
      stageId: encoded[0]?.batch.stageId ?? '',
      schema: this.#schema,
      encoded,
      targets: this.#targets.withPlan(),
      names: this.#targets.names,
    };
  }

  /** Encodes with the present plans, and as often as rows do not fit, with better ones. */
  async #encode(
    client: ClientBase,
    group: BatchGroup,
    { onProgress = () => {}, ...task }: EncodeGroup,
    changer: ChangeTable = new TableChanger(client),
  ): Promise<readonly EncodedBatch[]> {
    const targets = this.#targets;
    targets.refresh();
    for (let attempt = 0; attempt < MAX_PLANS; attempt++) {
      targets.begin(task);
      const encoded = group.map(({ batch, content, decoder = this.#decoder }) => {
        targets.beginBatch(batch.seq);
        return encodeBatch(batch, content, decoder, targets);
      });
      // Decoding took what it took; nobody could touch the deadline meanwhile.
      const unsettled = targets.unsettled();
      onProgress(unsettled.length === 0 ? undefined : LONG_MS);
      if (unsettled.length === 0) return encoded;
      for (const target of unsettled) await target.improve(client, changer);
    }
    throw new BlockedError({
      code: 'sink.replan',
      message: `${this.#source.consumer}: expected the columns of its tables to stay as they were made`,
    });
  }
}

/** A row that was set aside stands alone: nothing leads to it, and what was included is in it. */
function aloneIn({ decode }: Source): RowPlace {
  return { decode: decode.decode, include: {}, ignore: [] };
}
