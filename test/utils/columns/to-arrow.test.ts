import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { expect, test } from 'vitest';
import { toArrowTable } from '../../../src/utils/columns/to-arrow.js';
import { decodeLines } from './decoding.js';

const LINES = [
  '{"b":true,"i":9007199254740993,"d":0.5,"t":"2024-02-29T12:00:00.000001Z","s":"Grüße 🚀","j":{"x":1.10}}',
  '{}',
  '{"b":false,"i":-1,"d":-1.5,"t":"1969-12-31T23:59:59.999999Z","s":"","j":[]}',
  ...Array.from({ length: 20 }, (_, i) => `{"b":${i % 3 === 0},"i":${i},"d":${i},"s":"s${i}"}`),
];

test('an Arrow table has the types and values of its columns, also behind IPC', () => {
  const arrow = toArrowTable(decodeLines(LINES), new Map([['stage', 's1']]));
  const table = tableFromIPC(tableToIPC(arrow));
  expect(table.schema.metadata.get('stage')).toBe('s1');
  expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'b Bool',
    'i Int64',
    'd Float64',
    't Timestamp<MICROSECOND, UTC>',
    's Utf8',
    'j Utf8',
  ]);
  expect(table.numRows).toBe(23);
  expect(table.getChild('b')?.toArray().slice(0, 4)).toEqual([true, null, false, true]);
  expect([...(table.getChild('i') ?? [])].slice(0, 3)).toEqual([9007199254740993n, null, -1n]);
  expect([...(table.getChild('d') ?? [])].slice(0, 4)).toEqual([0.5, null, -1.5, 0]);
  expect([...(table.getChild('s') ?? [])].slice(0, 4)).toEqual(['Grüße 🚀', null, '', 's0']);
  expect([...(table.getChild('j') ?? [])].slice(0, 4)).toEqual(['{"x":1.10}', null, '[]', null]);
  const instants = table.getChild('t')?.data[0]?.values as BigInt64Array;
  expect([...instants.slice(0, 3)]).toEqual([1709208000000001n, 0n, -1n]);
  expect(table.getChild('t')?.nullCount).toBe(21);
});

test('a table without rows is an Arrow table without rows', () => {
  const table = toArrowTable(decodeLines([], {}, [['a', 'text']]), new Map());
  expect([table.numRows, table.numCols]).toEqual([0, 1]);
});
