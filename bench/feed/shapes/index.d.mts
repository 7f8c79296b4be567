export interface Shape {
  readonly columns: Readonly<Record<string, string>>;
  readonly hints?: Readonly<Record<string, string>>;
  row(seq: number, count: number): Record<string, unknown>;
  message(seq: number, count: number): string;
}

export const SHAPES: Readonly<Record<string, Shape>>;
