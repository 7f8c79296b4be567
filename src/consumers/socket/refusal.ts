import { type ErrorFields, SocketElError, TransientError } from '../../utils/errors.js';
import { retryAfterMs } from '../../utils/retry-after.js';

const MOVED = 'the server sends us elsewhere: write the address that its manual gives by now into uri';
const TROUBLE = 'the server, or a proxy before it, has trouble of its own';

const HINTS: Readonly<Record<number, string>> = {
  200: 'an ordinary web page is there: look at host and path of uri',
  301: MOVED,
  302: MOVED,
  307: MOVED,
  308: MOVED,
  400: 'the server did not understand the upgrade; look at uri, headers and subprotocols',
  401: `give credentials in headers, as in headers: {Authorization: "Bearer \${env:TOKEN}"}`,
  403: 'the server knows us and says no: look at the credentials in headers, and at what this account may read',
  404: 'look at the path of uri',
  426: 'the server wants another protocol; look at subprotocols',
  429: 'the server wants fewer connections; we wait as long as it says',
  500: TROUBLE,
  502: TROUBLE,
  503: TROUBLE,
  504: TROUBLE,
  451: 'the server does not serve this country; another address of the same provider may',
};

/** What an HTTP answer to the upgrade request means: try again later, or stop. */
export function refusalError(
  status: number,
  retryAfter: string | undefined,
  stopOn: readonly number[],
): SocketElError {
  const fields: ErrorFields = {
    code: stopOn.includes(status) ? 'source.refused' : 'source.connection',
    message: `expected the server to upgrade to a WebSocket, got HTTP ${status}`,
    hint: HINTS[status],
  };
  if (stopOn.includes(status)) return new SocketElError(fields);
  return new TransientError({ ...fields, retryAfterMs: retryAfterMs(retryAfter) });
}

/** What a closed connection means; codes as in RFC 6455, section 7.4. */
export function closeError(code: number, reason: string, stopOn: readonly number[]): SocketElError {
  const why = reason === '' ? '' : `, "${reason}"`;
  const message =
    code === 1006 ? 'the connection broke' : `the server closed the connection with code ${code}${why}`;
  if (!stopOn.includes(code)) return new TransientError({ code: 'source.closed', message });
  return new SocketElError({
    code: 'source.refused',
    message,
    hint: 'the server ended it on purpose: it may want a message first (subscribe), another one, or credentials (headers)',
  });
}
