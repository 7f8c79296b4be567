const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
/** The form of a size. */
export const BYTE_SIZE_PATTERN = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|TiB)$/;

/** Bytes of a size such as `64KiB`, `16MiB` or `10GiB`; undefined when it is none. */
export function parseByteSize(text: string): number | undefined {
  const match = BYTE_SIZE_PATTERN.exec(text.trim());
  const unit = UNIT_BYTES[match?.[2] ?? ''];
  return unit === undefined ? undefined : Math.round(Number(match?.[1]) * unit);
}

/** Bytes as a person reads them, such as `1.5 GiB`. */
export function formatByteSize(bytes: number): string {
  const unit = Object.keys(UNIT_BYTES).findLast((name) => bytes >= (UNIT_BYTES[name] as number)) ?? 'B';
  const amount = bytes / (UNIT_BYTES[unit] as number);
  return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${unit}`;
}
