import type { ClientBase } from 'pg';
import type { Deadline } from '../../utils/deadline.js';
import type {
  DeadLetterFilter,
  DeadLetterGroup,
  DeadLetterReplay,
  DeadLetters,
  StoredDeadLetter,
} from '../dead-letters.js';
import type { Source } from '../producer.js';
import { DEAD_LETTER_TABLE } from './dead-letters.js';
import { quoteTable } from './identifiers.js';
import { loadUntilTaken } from './load-group.js';
import { type Letter, type LetterPlace, readPage } from './replay-letters.js';
import type { SourceLoader } from './source-loader.js';

const INSTANT = `YYYY-MM-DD"T"HH24:MI:SS.US"Z"`;
/** Letters that are replayed in one transaction. */
const PAGE = 1000;

/** What the store needs of its producer. */
export interface DeadLetterAccess {
  readonly schema: string;
  /** Lends a connection. */
  readonly withClient: <T>(work: (client: ClientBase, deadline: Deadline) => Promise<T>) => Promise<T>;
  readonly loaderOf: (source: Source) => SourceLoader;
}

/** The dead letters in `_socket_el_dead_letters`. */
export class PostgresDeadLetters implements DeadLetters {
  readonly #access: DeadLetterAccess;
  readonly #table: string;

  constructor(access: DeadLetterAccess) {
    this.#access = access;
    this.#table = quoteTable(access.schema, DEAD_LETTER_TABLE);
  }

  async groups({ consumer }: DeadLetterFilter): Promise<readonly DeadLetterGroup[]> {
    const { rows } = await this.#query<DeadLetterGroup & { readonly count: string }>(
      `SELECT consumer, target, reason, count(*) AS count, ${instant('min(set_aside_at)')} AS first_at,
              ${instant('max(set_aside_at)')} AS last_at
         FROM ${this.#table} WHERE $1::text IS NULL OR consumer = $1
        GROUP BY consumer, target, reason ORDER BY count(*) DESC, consumer, reason`,
      [consumer ?? null],
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  async list({ consumer }: DeadLetterFilter, limit: number): Promise<readonly StoredDeadLetter[]> {
    const { rows } = await this.#query<StoredDeadLetter>(
      `SELECT consumer, target, seq::float8 AS seq, message::float8 AS message, is_row, reason, raw,
              ${instant('received_at')} AS received_at
         FROM ${this.#table} WHERE $1::text IS NULL OR consumer = $1
        ORDER BY set_aside_at DESC, stage_id, seq DESC, ordinal DESC LIMIT $2`,
      [consumer ?? null, limit],
    );
    return rows;
  }

  async replay(source: Source): Promise<DeadLetterReplay> {
    const loader = this.#access.loaderOf(source);
    let total: DeadLetterReplay = { replayed: 0, rows: 0, remaining: 0 };
    for (let after: LetterPlace | undefined; ; ) {
      const letters = await this.#access.withClient((client) =>
        readPage(client, this.#table, source, { after, limit: PAGE, targets: loader.targets }),
      );
      if (letters.length === 0) return total;
      const { replayed, rows, remaining } = await this.#reload(loader, letters);
      total = {
        replayed: total.replayed + replayed,
        rows: total.rows + rows,
        remaining: total.remaining + remaining,
      };
      after = letters.at(-1);
    }
  }

  /** A letter that the server refuses stays one. */
  #reload(loader: SourceLoader, letters: readonly Letter[]): Promise<DeadLetterReplay> {
    return loadUntilTaken({
      withClient: this.#access.withClient,
      load: (client, { poison }) => loader.reload(client, letters, poison),
      findPoison: (client, how) =>
        loader.findPoison(client, loader.letterGroup(letters), { ...how, isOfLetters: true }),
      forgetPlans: () => loader.forgetPlans(),
    });
  }

  #query<Row extends object>(text: string, values: readonly unknown[]) {
    return this.#access.withClient((client) => client.query<Row>(text, [...values]));
  }
}

function instant(expression: string): string {
  return `to_char(${expression} AT TIME ZONE 'UTC', '${INSTANT}')`;
}
