import { type PgFrame, readStrings } from './pg-frames.js';

const LEDGER_WRITE = /insert\s+into\s[^;]*_socket_el_loads/i;
const COMMIT = /(^|;)\s*(commit|end)\b/i;

/** What a connection's statements do, seen from the wire only: whether the open transaction loads, and where it commits. */
export class TransactionWatch {
  readonly #prepared = new Map<string, string>();
  #loads = false;

  /** True from the first CopyData or ledger insert until the server is idle again. */
  get loads(): boolean {
    return this.#loads;
  }

  /** Takes a frame of the client; true when it asks for COMMIT. */
  seeClient(frame: PgFrame): boolean {
    if (frame.type === 'd') this.#loads = true;
    const statement = this.#statementOf(frame);
    if (LEDGER_WRITE.test(statement)) this.#loads = true;
    return COMMIT.test(statement);
  }

  /** Takes a frame of the server; true when it says that COMMIT was done. */
  seeServer(frame: PgFrame): boolean {
    if (frame.type === 'Z' && frame.bytes.toString('latin1', 5, 6) === 'I') this.#loads = false;
    return frame.type === 'C' && readStrings(frame, 1)[0] === 'COMMIT';
  }

  #statementOf(frame: PgFrame): string {
    if (frame.type === 'Q') return readStrings(frame, 1)[0] ?? '';
    if (frame.type === 'B') return this.#prepared.get(readStrings(frame, 2)[1] ?? '') ?? '';
    if (frame.type === 'P') {
      const [name = '', text = ''] = readStrings(frame, 2);
      this.#prepared.set(name, text);
    }
    return '';
  }
}
