/** One promise of a contract; any test runner can run it. */
export interface ContractCase {
  /** A sentence. */
  readonly title: string;
  /** Rejects when the promise is not kept. Takes a few seconds at most. */
  run(): Promise<void>;
}
