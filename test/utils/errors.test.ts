import { expect, test } from 'vitest';
import { messageOf, SocketElError } from '../../src/utils/errors.js';

test('a name with several addresses: what each of them answered', () => {
  const cause = new AggregateError([
    new Error('connect ECONNREFUSED ::1:1'),
    new Error('connect EHOSTUNREACH 10.0.0.1:1'),
  ]);
  const error = new SocketElError(
    { code: 'sink.connection', message: 'expected PostgreSQL at db:1' },
    { cause },
  );
  expect(messageOf(error)).toBe(
    'expected PostgreSQL at db:1: connect ECONNREFUSED ::1:1; connect EHOSTUNREACH 10.0.0.1:1',
  );
  expect(messageOf(new AggregateError([]))).toBe('AggregateError');
});
