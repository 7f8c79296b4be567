/** Spread into the options of `spawn`; empty: run as we are. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** The account that a server runs under which refuses to run as root. */
export function serverAccount(): Account;

/** Hands a file or folder to the account. */
export function giveTo(path: string, account: Account): void;
