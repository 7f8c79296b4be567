const MASK = '***';
const SECRET_KEY = /pass(word|wd|phrase)?$|secret|token|api_?key|authorization|cookie|credential/i;
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s"']*@/gi;
const QUERY = /((?:wss?|https?):\/\/[^\s"'?]+)\?[^\s"']*/gi;
const SHORTEST_SECRET = 5;
/** Passwords of examples and default installations: hiding them protects nobody and hides our own words. */
const PLAIN_WORDS = new Set([
  'password',
  'passwd',
  'postgres',
  'secret',
  'admin',
  'default',
  'changeme',
  'example',
]);

/** Masks secrets in everything that is logged: known values wherever they stand, and fields by their name. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Remembers a secret value; very short ones and plain words would mask ordinary text and are left. */
  add(secret: string): void {
    if (secret.length < SHORTEST_SECRET || PLAIN_WORDS.has(secret.toLowerCase())) return;
    this.#secrets.add(secret);
    this.#secrets.add(encodeURIComponent(secret));
    this.#secrets.add(JSON.stringify(secret).slice(1, -1));
  }

  /** The text with known secrets, user names and passwords of URLs and the query part of addresses masked. */
  text(text: string): string {
    let masked = text;
    for (const secret of this.#secrets) masked = masked.replaceAll(secret, MASK);
    return masked.replace(USERINFO, `$1${MASK}@`).replace(QUERY, `$1?${MASK}`);
  }

  /** The same for a log record's fields; a field whose name says secret is masked whole. */
  fields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, this.#field(key, value)]));
  }

  #field(key: string, value: unknown): unknown {
    if (SECRET_KEY.test(key)) return MASK;
    return typeof value === 'string' ? this.text(value) : value;
  }
}
