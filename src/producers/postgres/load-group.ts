import type { ClientBase } from 'pg';
import type { Deadline } from '../../utils/deadline.js';
import { BlockedError } from '../../utils/errors.js';
import { countPoison, NO_POISON, type Poison } from './poison.js';
import { ReplanError, RowRefusedError } from './sink-error.js';

const MAX_REPLANS = 5;

/** How rows are loaded. */
export interface LoadHow {
  readonly deadline: Deadline;
  readonly poison: Poison;
}

/** What an attempt needs. Every attempt, and every search, gets a connection of its own. */
export interface LoadAttempts<T> {
  readonly withClient: <R>(work: (client: ClientBase, deadline: Deadline) => Promise<R>) => Promise<R>;
  readonly load: (client: ClientBase, how: LoadHow) => Promise<T>;
  /** @param how with the poison that is known */
  readonly findPoison: (client: ClientBase, how: LoadHow) => Promise<Poison>;
  readonly forgetPlans: () => void;
}

/**
 * Loads until the sink takes it: with other plans when the tables changed, and without the rows that the server
 * refuses. The ledger makes a further attempt safe.
 *
 * @throws BlockedError when that does not help; any other error as it came
 */
export async function loadUntilTaken<T>(attempts: LoadAttempts<T>): Promise<T> {
  let poison = NO_POISON;
  for (let replans = 0; ; ) {
    try {
      return await attempts.withClient((client, deadline) => attempts.load(client, { deadline, poison }));
    } catch (error) {
      if (error instanceof RowRefusedError) poison = await morePoison(attempts, poison, error);
      else assertReplan(attempts, error, ++replans);
    }
  }
}

/** @throws the error, unless another plan may help */
function assertReplan<T>({ forgetPlans }: LoadAttempts<T>, error: unknown, replans: number): void {
  forgetPlans();
  if (!(error instanceof ReplanError)) throw error;
  if (replans > MAX_REPLANS) throw blockedByChange(error);
}

async function morePoison<T>(
  attempts: LoadAttempts<T>,
  known: Poison,
  refusal: RowRefusedError,
): Promise<Poison> {
  const found = await attempts.withClient((client, deadline) =>
    attempts.findPoison(client, { deadline, poison: known }),
  );
  if (countPoison(found) > countPoison(known)) return found;
  const hint =
    'the rows are refused together and none of them alone; is there a constraint or trigger over all rows?';
  throw new BlockedError({ code: 'sink.statement', message: refusal.message, hint }, { cause: refusal });
}

function blockedByChange(cause: ReplanError): BlockedError {
  const hint = 'something changes the table, or a trigger of it fails, each time rows are loaded';
  return new BlockedError(
    { code: 'sink.replan', message: 'expected the table as it was planned', hint },
    { cause },
  );
}
