import type { ClientBase } from 'pg';
import type { Batch, BatchContent } from '../../stages/stage.js';
import type { Deadline } from '../../utils/deadline.js';
import { BlockedError } from '../../utils/errors.js';
import { MessageDecoder, type RowPlace } from '../../utils/rows/message-decoder.js';
import type { DeadLetterReplay } from '../dead-letters.js';
import type { Source } from '../producer.js';
import { type EncodedBatch, encodeBatch } from './batch-encoder.js';
import { readCatalogue } from './catalogue.js';
import { assertHoldsEarlier } from './check-target.js';
import { CopyBuffer } from './encode/copy-buffer.js';
import { applyChange, planChange, type TableChange } from './evolve.js';
import { loadGroup, loadLetters } from './load-transaction.js';
import { Misfits } from './misfits.js';
import { judgeLetters, type Letter, lettersAsBatch } from './replay-letters.js';
import { RowEncoder } from './row-encoder.js';
import { planTable, type TablePlan } from './table-plan.js';

/** More changes of one table for one group mean that somebody else changes it back. */
const MAX_PLANS = 12;
/** "cannot alter type of a column used by a view", and the like. */
const FEATURE_NOT_SUPPORTED = '0A000';

/** A row that was set aside stands alone: nothing leads to it, and what was included is in it. */
const ROW_ALONE: RowPlace = { include: {}, ignore: [] };

/** A group of batches with what was read of each. */
export type BatchGroup = readonly {
  readonly batch: Batch;
  readonly content: BatchContent;
  /** How its messages become rows, when not as those of the source. */
  readonly decoder?: MessageDecoder;
}[];

/** What came of a group: all of it encoded, and the part that was not in the sink yet. */
export interface LoadedGroup {
  readonly encoded: readonly EncodedBatch[];
  readonly entered: readonly EncodedBatch[];
}

/** Loads one source into its table; keeps the plan and the buffer between groups. */
export class TableLoader {
  readonly #source: Source;
  readonly #schema: string;
  readonly #maxColumns: number;
  readonly #decoder: MessageDecoder;
  readonly #out = new CopyBuffer();
  readonly #active = new Set<string>();
  readonly #restKeys = new Set<string>();
  readonly #narrow = new Set<string>();
  #plan: TablePlan | undefined;
  #isChecked = false;

  constructor(source: Source, options: { readonly schema: string; readonly maxColumns: number }) {
    this.#source = source;
    this.#schema = options.schema;
    this.#maxColumns = options.maxColumns;
    this.#decoder = new MessageDecoder(source.decode);
  }

  /** Loads a group; on any error the connection is to be destroyed. */
  async load(client: ClientBase, group: BatchGroup, deadline: Deadline): Promise<LoadedGroup> {
    if (!this.#isChecked) {
      const place = { schema: this.#schema, target: this.#source.table };
      await assertHoldsEarlier(client, place, group[0]?.batch as Batch);
    }
    this.#isChecked = true;
    const { plan, encoded } = await this.#encode(client, group);
    const copied = { encoded, out: this.#out, onProgress: () => deadline.touch() };
    const entered = await loadGroup(client, plan, copied);
    return { encoded, entered };
  }

  /** Loads what of dead letters is none any more; on any error the connection is to be destroyed. */
  async reload(client: ClientBase, letters: readonly Letter[]): Promise<DeadLetterReplay> {
    const whole = letters.filter(({ isRow }) => !isRow);
    const rows = letters.filter(({ isRow }) => isRow);
    const group: BatchGroup = [
      lettersAsBatch(whole, this.#source),
      { ...lettersAsBatch(rows, this.#source), decoder: new MessageDecoder(ROW_ALONE) },
    ];
    const { plan, encoded } = await this.#encode(client, group);
    const outcomes = [whole, rows].map((part, i) => judgeLetters(part, encoded[i] as EncodedBatch));
    await loadLetters(client, plan, outcomes, this.#out);
    const replayed = outcomes.reduce((sum, { gone }) => sum + gone.length, 0);
    const loaded = encoded.reduce((sum, { loadedRows }) => sum + loadedRows, 0);
    return { replayed, rows: loaded, remaining: letters.length - replayed };
  }

  /** Forgets the plan, so that the next load looks at the table anew. */
  forgetPlan(): void {
    this.#plan = undefined;
    this.#restKeys.clear();
    this.#narrow.clear();
  }

  /** Encodes with the present plan, and as often as rows do not fit, with a better one. */
  async #encode(
    client: ClientBase,
    group: BatchGroup,
  ): Promise<{ plan: TablePlan; encoded: readonly EncodedBatch[] }> {
    for (let attempt = 0; attempt < MAX_PLANS; attempt++) {
      const plan = this.#plan ?? (await this.#makePlan(client));
      const misfits = new Misfits(plan, this.#narrow);
      const rows = new RowEncoder(plan, this.#out, misfits);
      this.#out.length = 0;
      const encoded = group.map(({ batch, content, decoder = this.#decoder }) =>
        encodeBatch(batch, content, this.#out, { decoder, rows }),
      );
      const isPlanless = plan.catalogue === undefined && encoded.some(({ loadedRows }) => loadedRows > 0);
      if (misfits.isEmpty && !isPlanless) return { plan, encoded };
      await this.#evolve(client, plan, misfits);
    }
    throw new BlockedError({
      code: 'sink.replan',
      message: `${this.#source.table}: expected its columns to stay as they were made`,
    });
  }

  async #evolve(client: ClientBase, plan: TablePlan, misfits: Misfits): Promise<void> {
    const change = planChange(plan, misfits, this.#source.decode, this.#maxColumns);
    if (change.added.size + change.widened.length > 0) await this.#apply(client, change);
    for (const name of misfits.activated) this.#active.add(name);
    for (const name of misfits.created.keys()) {
      const columns = change.added.has(name) ? this.#active : this.#restKeys;
      columns.add(name);
    }
    await this.#makePlan(client);
  }

  /** A column that a view stands on keeps its type; what does not fit it goes into `_rest`. */
  async #apply(client: ClientBase, change: TableChange): Promise<void> {
    try {
      await applyChange(client, change);
    } catch (error) {
      const isWidening =
        (error as { code?: unknown }).code === FEATURE_NOT_SUPPORTED && change.widened.length > 0;
      if (!isWidening) throw error;
      for (const name of change.widened) this.#narrow.add(name);
      await client.query('ROLLBACK');
    }
  }

  async #makePlan(client: ClientBase): Promise<TablePlan> {
    const { decode, table } = this.#source;
    const catalogue = await readCatalogue(client, this.#schema, table);
    const input = { schema: this.#schema, table, decode, active: this.#active, restKeys: this.#restKeys };
    const plan = planTable(input, catalogue);
    const planned = new Set(plan.columns.map(({ name }) => name));
    for (const name of this.#active) if (catalogue?.has(name) && !planned.has(name)) this.#restKeys.add(name);
    this.#plan = plan;
    return plan;
  }
}
