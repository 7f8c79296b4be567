export interface Look {
  readonly fileLines: number;
  readonly rows: number;
  readonly lost: number;
  readonly doubled: number;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export function lookIntoTables(url: string, stretches: readonly Stretch[]): Promise<Look | undefined>;
