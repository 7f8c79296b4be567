/** A server that says more is asked again after an hour all the same. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Milliseconds that a header `Retry-After` (RFC 9110, section 10.2.3) asks us to wait; undefined when it says nothing. */
export function retryAfterMs(header: string | null | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined || header === null) return undefined;
  if (/^\d+$/.test(header)) return Math.min(MAX_RETRY_AFTER_MS, Number(header) * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, at - nowMs));
}
