/** When and on which connection a stretch of a batch's bytes was received. */
export interface Receipt {
  /** Offset of the stretch's first byte within the batch. */
  readonly offset: number;
  readonly receivedAtUs: number;
  readonly connection: number;
}

/** A batch's content: its messages as lines, and their receipts in ascending order of offset. */
export interface BatchContent {
  readonly bytes: Buffer;
  readonly receipts: readonly Receipt[];
}
