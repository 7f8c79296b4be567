/** The present wall-clock time in microseconds since 1970, with the resolution of a millisecond. */
export function nowUs(): number {
  return Date.now() * 1000;
}
