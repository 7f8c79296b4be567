import type { ClientBase } from 'pg';
import type { ClockSkew } from '../../utils/clock-skew.js';

const LOOKS = 3;

/** Compares the server's clock with ours at the middle of a round trip; the shortest of a few says most. */
export async function measureClock(client: ClientBase): Promise<ClockSkew> {
  const looks: ClockSkew[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const askedMs = performance.timeOrigin + performance.now();
    const { rows } = await client.query<{ ms: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
    );
    const tookMs = performance.timeOrigin + performance.now() - askedMs;
    const skewMs = Math.round((rows[0]?.ms ?? 0) - (askedMs + tookMs / 2));
    looks.push({ skewMs, toleranceMs: Math.ceil(tookMs / 2) + 1 });
  }
  return looks.reduce((best, look) => (look.toleranceMs < best.toleranceMs ? look : best));
}
