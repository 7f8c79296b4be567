import { expect, test } from 'vitest';
import { Redactor } from '../../src/utils/redaction.js';

const CANARY = 'c4n4ry"s/p@ss w\\rd';

function redactorWith(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

test.each([
  ['as it is', `password ${CANARY} refused`],
  ['as JSON', `{"password":${JSON.stringify(CANARY)}}`],
  ['in an address', `connect to x/${encodeURIComponent(CANARY)}/y`],
  ['more than once', `${CANARY}${CANARY}`],
])('a known secret is masked %s', (_, text) => {
  const masked = redactorWith(CANARY).text(text);
  expect(masked).toContain('***');
  for (const form of [CANARY, encodeURIComponent(CANARY), JSON.stringify(CANARY).slice(1, -1)])
    expect(masked).not.toContain(form);
});

test.each([
  ['wss://user:c4n4ry@feed.example/v1', 'wss://***@feed.example/v1'],
  ['postgres://postgres:c4n4ry@127.0.0.1:5432/db', 'postgres://***@127.0.0.1:5432/db'],
  ['wss://feed.example/v1?token=c4n4ry&x=1 failed', 'wss://feed.example/v1?*** failed'],
  ['"https://u:c4n4ry@h/p?key=c4n4ry"', '"https://***@h/p?***"'],
  ['see ws://a?k=c4n4ry and ws://b?k=c4n4ry', 'see ws://a?*** and ws://b?***'],
])('%s is written %s without knowing the secret', (text, masked) => {
  expect(new Redactor().text(text)).toBe(masked);
});

test.each(['wss://user:c4n/4ry@feed.example/v1', 'postgres://u:c4@n4ry@h/db'])(
  'a password with a slash or an @ in it does not show: %s',
  (text) => expect(new Redactor().text(text)).not.toMatch(/4ry/),
);

test.each([
  'password',
  'db_password',
  'Authorization',
  'api_key',
  'apikey',
  'token',
  'client_secret',
  'Cookie',
  'passphrase',
  'passwd',
])('a field named %s is masked whole', (name) =>
  expect(new Redactor().fields({ [name]: 'c4n4ry' })).toEqual({ [name]: '***' }),
);

test('other fields keep their values, with secrets masked in texts', () => {
  const fields = { rows: 5, ok: true, uri: 'ws://u:c4n4ry@h', note: `x ${CANARY}` };
  expect(redactorWith(CANARY).fields(fields)).toEqual({
    rows: 5,
    ok: true,
    uri: 'ws://***@h',
    note: 'x ***',
  });
});

test('of two secrets, one within the other, nothing of the longer one shows', () => {
  expect(redactorWith('abc', 'abcdef').text('it is abcdef')).not.toMatch(/def/);
});

test('a secret with signs of regular expressions is masked as it is', () => {
  expect(redactorWith('a.*(b').text('a.*(b axxb')).toBe('*** axxb');
});

test('a very short secret does not mask ordinary text', () => {
  expect(redactorWith('a').text('a banana')).toBe('a banana');
});
