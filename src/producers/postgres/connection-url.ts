import { type FoundKeys, readKeys } from './connection-text.js';
import type { ConnectionKeys } from './settings.js';

/** Query parameters, with the keys of a profile that they stand for. */
const PARAMETERS: Readonly<Record<string, keyof ConnectionKeys>> = {
  host: 'host',
  port: 'port',
  user: 'user',
  password: 'password',
  dbname: 'database',
  sslmode: 'sslmode',
  sslrootcert: 'sslrootcert',
};
/** The redactor would hide what stands before an @, so the form is told in two parts. */
const FORM =
  'expected an address such as postgres://host:5432/database?sslmode=require, with user:password@ before the host';
const ESCAPES = 'write characters such as @ / ? # % in a user or password as %40 %2F %3F %23 %25';
/** An address may leave the host away, which the parser does not allow; no host has a name of this domain. */
const NO_HOST = 'none.invalid';
const HOST_LEFT_AWAY = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=[:/?#]|$)/;
const SCHEME = /^postgres(ql)?:\/\//;
const PASSWORD = /:\/\/[^:/?#]*:(.*)@/s;

/** Everything in an address that may be a password, however badly it is written. */
export function secretsOfUrl(text: string): readonly string[] {
  const written = PASSWORD.exec(text)?.[1] ?? '';
  const query = /[?&]password=([^&#]*)/.exec(text)?.[1] ?? '';
  return [text, ...[written, query].flatMap((secret) => [secret, decode(secret) ?? secret])].filter(Boolean);
}

/** Takes a `postgres://` address apart. What it finds wrong never shows the address. */
export function parseConnectionUrl(text: string): FoundKeys {
  const whole = text.replace(HOST_LEFT_AWAY, `$1${NO_HOST}`);
  const url = SCHEME.test(whole) && URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || url.hash !== '') return { keys: {}, faults: [`${FORM}; ${ESCAPES}`] };
  const { texts, isDecoded } = authorityOf(url);
  if (!isDecoded) return { keys: {}, faults: [`expected % only before two hexadecimal digits; ${ESCAPES}`] };
  const parameters = [...url.searchParams];
  const unknown = parameters.map(([name]) => name).filter((name) => !Object.hasOwn(PARAMETERS, name));
  for (const [name, value] of parameters) {
    const key = PARAMETERS[name];
    if (key !== undefined) texts[key] = value;
  }
  const { keys, faults } = readKeys(texts, (key) => `its ${key}`);
  return { keys, faults: unknown.length === 0 ? faults : [...faults, unknownParameters(unknown)] };
}

function authorityOf(url: URL): {
  readonly texts: Partial<Record<keyof ConnectionKeys, string>>;
  readonly isDecoded: boolean;
} {
  const texts = {
    user: decode(url.username),
    password: decode(url.password),
    host: url.hostname === NO_HOST ? '' : decode(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port,
    database: decode(url.pathname.slice(1)),
  };
  const isDecoded = Object.values(texts).every((value) => value !== undefined);
  return { texts: texts as Partial<Record<keyof ConnectionKeys, string>>, isDecoded };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Behind a ? that was not escaped, a name can be a part of the password: only what looks like one is shown. */
function unknownParameters(names: readonly string[]): string {
  const shown = names.map((name) => (/^[a-z_]+$/.test(name) ? name : 'another one'));
  return `expected only the parameters ${Object.keys(PARAMETERS).join(', ')}, got ${shown.join(', ')}`;
}
