export interface Counts {
  killed: number;
  cut: number;
  crashed: number;
  rows: number;
  lost: number;
  doubled: number;
}

export function statusLine(counts: Readonly<Counts>, columns?: number): string;
