import { SocketElError, TransientError } from '../../utils/errors.js';
import { retryAfterMs } from '../../utils/retry-after.js';
import type { HttpAnswer } from './answer.js';
import type { HttpSettings } from './settings.js';

const HINTS: Readonly<Record<number, string>> = {
  400: 'the server does not understand the request: look at uri and cursor.parameter',
  401: `give credentials in headers, as in headers: {Authorization: "Bearer \${env:TOKEN}"}`,
  403: 'the server knows us and says no: look at the credentials in headers, and at what this account may read',
  404: 'look at the path of uri',
  429: 'the server wants fewer requests: a longer poll_interval; we wait as long as it says',
  451: 'the server does not serve this country; another address of the same provider may',
};

/**
 * Asks for one page and reads the answer whole.
 *
 * @throws TransientError for what may pass; SocketElError `source.refused` for what will not
 */
export async function request(
  url: URL,
  settings: HttpSettings,
  { headers, signal }: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const late = AbortSignal.timeout(settings.timeout);
  try {
    const response = await fetch(url, {
      headers: {
        accept: 'application/json, application/x-ndjson;q=0.9, */*;q=0.5',
        ...settings.headers,
        ...headers,
      },
      // Our headers must not go to whom the server names.
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    });
    if (!response.ok && response.status !== 304) throw await refusalOf(response, settings);
    return { status: response.status, headers: response.headers, body: await readBody(response, settings) };
  } catch (cause) {
    if (cause instanceof SocketElError) throw cause;
    throw connectionError(cause, late.aborted ? settings.timeout : undefined);
  }
}

async function readBody({ body }: Response, { max_message_bytes: max }: HttpSettings): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > max) throw tooLarge(max);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function refusalOf(response: Response, { reconnect }: HttpSettings): Promise<SocketElError> {
  const { status, headers } = response;
  await response.body?.cancel();
  const message = `expected an answer, got HTTP ${status}`;
  if (status >= 300 && status < 400) return movedError(status, headers.get('location'));
  const hint = HINTS[status];
  if (reconnect.stop_on.includes(status)) return new SocketElError({ code: 'source.refused', message, hint });
  return new TransientError({
    code: 'source.connection',
    message,
    hint,
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
  });
}

function movedError(status: number, location: string | null): SocketElError {
  const where = location === null ? '' : ` to ${location}`;
  return new SocketElError({
    code: 'source.refused',
    message: `expected an answer, got HTTP ${status}, which sends us on${where}`,
    hint: 'write the address that is meant into uri; nobody is followed, because headers may hold credentials',
  });
}

function tooLarge(max: number): SocketElError {
  return new SocketElError({
    code: 'source.refused',
    message: `expected an answer of at most ${max} bytes, got more`,
    hint: 'ask for smaller pages, or set max_message_bytes',
  });
}

function connectionError(cause: unknown, timeoutMs: number | undefined): TransientError {
  const message =
    timeoutMs === undefined
      ? 'expected an answer over HTTP'
      : `expected the whole answer within ${timeoutMs} ms`;
  return new TransientError({ code: 'source.connection', message }, { cause });
}
