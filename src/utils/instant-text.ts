/** Microseconds since 1970 as RFC 3339 in UTC with six fraction digits. */
export function instantText(us: number): string {
  const seconds = new Date(Math.floor(us / 1000)).toISOString().slice(0, 19);
  return `${seconds}.${String(us % 1_000_000).padStart(6, '0')}Z`;
}
