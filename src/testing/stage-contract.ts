import assert from 'node:assert/strict';
import type { Batch } from '../stages/stage.js';
import type { ContractCase } from './contract-case.js';
import { type CreateStage, chunkOf, linesOf, StagedFolder, untilEmpty } from './staged-folder.js';

type Check = (folder: StagedFolder) => Promise<void>;

/**
 * What every stage promises, as cases that a test runner runs one by one:
 *
 * ```ts
 * for (const { title, run } of stageContract((folder, context) => new MyStage({ folder }, context))) test(title, run);
 * ```
 */
export function stageContract(create: CreateStage): readonly ContractCase[] {
  return Object.entries(CHECKS).map(([title, check]) => ({
    title,
    run: () => StagedFolder.use(create, check),
  }));
}

const CHECKS: Readonly<Record<string, Check>> = {
  'messages come back verbatim, in the order in which they were put': async (folder) => {
    const stage = await folder.open();
    const messages = ['{"a":1}', ' {"a": 1.10} ', '"ü😀\\u2028"', '12345678901234567890', '[]'];
    await Promise.all(messages.map((message) => stage.put(chunkOf([message]))));
    await stage.seal();
    const found = await folder.read();
    assert.deepEqual(
      found.flatMap(({ lines }) => lines),
      messages,
    );
  },

  'a row and rows are messages too': async (folder) => {
    const stage = await folder.open();
    await stage.put({ id: 1, text: 'line\nbreak' });
    await stage.put([{ id: 2 }, { id: 3 }]);
    await stage.seal();
    const lines = (await folder.read()).flatMap((found) => found.lines);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [{ id: 1, text: 'line\nbreak' }, { id: 2 }, { id: 3 }],
    );
  },

  'a batch is seen when it is sealed, and not before': async (folder) => {
    const stage = await folder.open();
    await stage.put(chunkOf(['1']));
    assert.equal((await folder.read()).length, 0);
    await stage.seal();
    assert.equal((await folder.read()).length, 1);
  },

  'sealing without messages makes no batch': async (folder) => {
    const stage = await folder.open();
    await stage.seal();
    await stage.put(chunkOf(['1']));
    await stage.seal();
    await stage.seal();
    assert.equal((await folder.read()).length, 1);
  },

  'batches are numbered from 1 on and end with the chunk that reaches a threshold': async (folder) => {
    const stage = await folder.open({ batch: { size: 2, bytes: 1000, interval: 3_600_000 } });
    for (const lines of [['1'], ['2'], ['3', '4', '5'], [`"${'x'.repeat(1000)}"`]])
      await stage.put(chunkOf(lines));
    await stage.seal();
    const found = await folder.read();
    assert.deepEqual(
      found.map(({ batch }) => [batch.seq, batch.messages]),
      [
        [1, 2],
        [2, 3],
        [3, 1],
      ],
    );
  },

  'the interval seals without another message': async (folder) => {
    const stage = await folder.open({ batch: { size: 1000, bytes: 2 ** 20, interval: 50 } });
    const stop = new AbortController();
    const batches = folder
      .reader()
      .batches('reader', untilEmpty({ drained: stop.signal, signal: stop.signal }));
    await stage.put(chunkOf(['1']));
    for await (const group of batches) {
      assert.equal(group.length, 1);
      break;
    }
    stop.abort();
  },

  'what became durable was said to be': async (folder) => {
    const stage = await folder.open();
    await new Promise<void>((durable, reject) => {
      stage.put(chunkOf(['1'], { onDurable: durable })).catch(reject);
    });
  },

  'a reader goes on behind what it has committed, with another object too': async (folder) => {
    const stage = await folder.open();
    for (const line of ['1', '2', '3']) {
      await stage.put(chunkOf([line]));
      await stage.seal();
    }
    const [, second] = await folder.read();
    await folder.reader().commit('reader', second?.batch as Batch);
    const rest = await folder.read();
    assert.deepEqual(
      rest.map(({ batch, lines }) => [batch.seq, batch.previous, ...lines]),
      [[3, 2, '3']],
    );
  },

  'readers do not disturb each other': async (folder) => {
    const stage = await folder.open();
    await stage.put(chunkOf(['1']));
    await stage.seal();
    const [first] = await folder.read('one');
    await folder.reader().commit('one', first?.batch as Batch);
    assert.equal((await folder.read('one')).length, 0);
    assert.equal((await folder.read('two')).length, 1);
  },

  'groups keep to the limits, but hold at least one batch': async (folder) => {
    const stage = await folder.open({ batch: { size: 10, bytes: 2 ** 20, interval: 3_600_000 } });
    const ten = Array.from({ length: 10 }, (_, i) => String(i));
    for (let i = 0; i < 5; i++) await stage.put(chunkOf(ten));
    await stage.seal();
    const sizes: number[] = [];
    const limits = { messages: 25, bytes: 2 ** 20 };
    for await (const group of folder.reader().batches('reader', untilEmpty({ limits })))
      sizes.push(group.length);
    assert.deepEqual(sizes, [2, 2, 1]);
  },

  'get gives the same table until it is committed': async (folder) => {
    const stage = await folder.open();
    await stage.put([{ id: 1, name: 'a' }, { id: 2 }]);
    await stage.seal();
    await stage.put({ id: 3 });
    await stage.seal();
    const reader = folder.reader();
    assert.equal((await reader.get('frame'))?.numRows, 2);
    const table = await reader.get('frame');
    assert.deepEqual(
      table?.toArray().map((row) => ({ id: Number(row?.['id']), name: row?.['name'] })),
      [
        { id: 1, name: 'a' },
        { id: 2, name: null },
      ],
    );
    if (table !== undefined) await reader.commit('frame', table);
    const next = await reader.get('frame');
    assert.deepEqual(next?.schema.metadata.get('seq'), '2');
    if (next !== undefined) await reader.commit('frame', next);
    assert.equal(await reader.get('frame'), undefined);
    await reader.close();
  },

  'numbers go on where they ended': async (folder) => {
    for (const line of ['1', '2']) {
      const stage = await folder.open();
      await stage.put(chunkOf([line]));
      await stage.close();
    }
    const found = await folder.read();
    assert.deepEqual(
      found.map(({ batch }) => batch.seq),
      [1, 2],
    );
    assert.equal(new Set(found.map(({ batch }) => batch.stageId)).size, 1);
  },

  'a replayable source goes on from the position of its last sealed chunk': async (folder) => {
    const stage = await folder.open({ replayable: true });
    assert.equal(stage.position(), undefined);
    await stage.put(chunkOf(['1'], { position: { offset: 7 } }));
    await stage.close();
    assert.deepEqual((await folder.open({ replayable: true })).position(), { offset: 7 });
  },

  'the last moment of reception is remembered, also when a gap ended it': async (folder) => {
    const stage = await folder.open();
    assert.equal(stage.lastReceivedUs(), undefined);
    await stage.put(chunkOf(['1'], { receivedAtUs: 1_700_000_000_000_001 }));
    stage.gap({ fromUs: 1_700_000_000_000_001, toUs: 1_700_000_000_000_500, reason: 'closed' });
    await stage.close();
    assert.equal((await folder.open()).lastReceivedUs(), 1_700_000_000_000_500);
  },

  'receipts say when and where stretches of a batch came from': async (folder) => {
    const stage = await folder.open();
    await stage.put(chunkOf(['1'], { receivedAtUs: 1_700_000_000_000_001, connection: 1 }));
    await stage.put(chunkOf(['23'], { receivedAtUs: 1_700_000_000_000_002, connection: 2 }));
    await stage.seal();
    const [found] = await folder.read();
    assert.deepEqual((await found?.batch.read())?.receipts, [
      { offset: 0, receivedAtUs: 1_700_000_000_000_001, connection: 1 },
      { offset: 2, receivedAtUs: 1_700_000_000_000_002, connection: 2 },
    ]);
  },

  'a reader of another process ends with the source, after all that was sealed': async (folder) => {
    const stage = await folder.open();
    await stage.put(chunkOf(['1']));
    await stage.end('source');
    const lines: string[] = [];
    const follow = untilEmpty({ drained: new AbortController().signal, endsWithSource: true });
    for await (const group of folder.reader().batches('reader', follow))
      for (const batch of group) lines.push(...(await linesOf(batch)));
    assert.deepEqual(lines, ['1']);
  },

  'an aborted reader ends at once': async (folder) => {
    await folder.open();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const follow = untilEmpty({ drained: new AbortController().signal, signal: stop.signal });
    for await (const _ of folder.reader().batches('reader', follow)) assert.fail('expected no batch');
  },

  'a stage has one writer': async (folder) => {
    await folder.open();
    await assert.rejects(folder.reader().open(), { code: 'stage.locked' });
  },

  'a reader of one name is alone': async (folder) => {
    const stage = await folder.open();
    await stage.put(chunkOf(['1']));
    await stage.seal();
    for await (const _ of folder.reader().batches('reader', untilEmpty()))
      await assert.rejects(folder.read('reader'), { code: 'stage.locked' });
  },

  'rolling makes no message appear twice or vanish': async (folder) => {
    const stage = await folder.open();
    for (const line of ['1', '2', '3']) {
      await stage.put(chunkOf([line]));
      await stage.roll();
    }
    const lines = (await folder.read()).flatMap((found) => found.lines);
    assert.deepEqual(lines, ['1', '2', '3']);
  },

  'a closed stage takes nothing more': async (folder) => {
    const stage = await folder.open();
    await stage.close();
    await assert.rejects(async () => stage.put(chunkOf(['1'])));
  },
};
