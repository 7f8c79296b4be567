/** Sizes and times of a stage's inner work, which tests make small. */
export interface Tuning {
  /** A flush begins with the first pending byte's age, milliseconds, or with so many bytes pending. */
  readonly groupMs: number;
  readonly groupBytes: number;
  /** A segment ends with the first batch that reaches so many bytes, or with its age, milliseconds. */
  readonly rollBytes: number;
  readonly rollMs: number;
  /** Lines of a manifest file. */
  readonly manifestLines: number;
  /** Time between two looks at what can be pruned, milliseconds. */
  readonly tidyMs: number;
}

export const DEFAULT_TUNING: Tuning = {
  groupMs: 20,
  groupBytes: 1024 * 1024,
  rollBytes: 64 * 1024 * 1024,
  rollMs: 60_000,
  manifestLines: 10_000,
  tidyMs: 1000,
};
