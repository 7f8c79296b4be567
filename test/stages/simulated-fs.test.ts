import { expect, test } from 'vitest';
import { createRandom } from '../support/random.js';
import { SimulatedFs } from './simulated-fs.js';

const SEEDS = Array.from({ length: 300 }, (_, i) => i + 1);

/** A machine with the folder /disk, whose name is durable. */
async function startMachine(): Promise<SimulatedFs> {
  const fs = SimulatedFs.start();
  await fs.makeFolder('/disk');
  await fs.syncFolder('/');
  return fs;
}

async function append(fs: SimulatedFs, path: string, text: string): Promise<void> {
  const file = await fs.open(path, 'append');
  await file.write([Buffer.from(text)], await file.size());
  await file.close();
}

async function sync(fs: SimulatedFs, path: string): Promise<void> {
  const file = await fs.open(path, 'read');
  await file.sync();
  await file.close();
}

/** A file that is durable with its name. */
async function appendDurably(fs: SimulatedFs, path: string, text: string): Promise<void> {
  await append(fs, path, text);
  await sync(fs, path);
  await fs.syncFolder('/disk');
}

/** What is found after the power went at the end of `work`, for many seeds: each outcome once, sorted. */
async function outcomesOf(
  work: (fs: SimulatedFs) => Promise<void>,
  look: (fs: SimulatedFs) => Promise<string | undefined>,
): Promise<readonly (string | undefined)[]> {
  const found = new Set<string | undefined>();
  for (const seed of SEEDS) {
    const fs = await startMachine();
    await work(fs);
    found.add(await look(fs.powerLoss(createRandom(seed))));
  }
  return [...found].sort();
}

const contentOf = (path: string) => (fs: SimulatedFs) => fs.readSmall(path);
const namesIn = (folder: string) => async (fs: SimulatedFs) => (await fs.list(folder)).join(' ');

test('bytes that were synced, in a file whose name was synced, are there whatever happens', async () => {
  const work = (fs: SimulatedFs) => appendDurably(fs, '/disk/a', 'kept');
  expect(await outcomesOf(work, contentOf('/disk/a'))).toEqual(['kept']);
});

test('a write that was not synced is kept, dropped, torn or leaves zeros, and never touches what was synced', async () => {
  const work = async (fs: SimulatedFs) => {
    await appendDurably(fs, '/disk/a', 'ab');
    await append(fs, '/disk/a', 'cd');
  };
  expect(await outcomesOf(work, contentOf('/disk/a'))).toEqual(['ab', 'ab\0\0', 'abc', 'abcd']);
});

test('pages of a write are lost one by one', async () => {
  const work = async (fs: SimulatedFs) => {
    await appendDurably(fs, '/disk/a', '');
    await append(fs, '/disk/a', 'x'.repeat(1536));
  };
  const look = async (fs: SimulatedFs) => {
    const text = (await fs.readSmall('/disk/a')) ?? '';
    return text.length === 1536 ? text.replace(/.{512}/gs, (page) => (page.includes('\0') ? '0' : 'x')) : '';
  };
  const found = await outcomesOf(work, look);
  for (const pages of ['000', '00x', '0x0', '0xx', 'x00', 'x0x', 'xx0', 'xxx'])
    expect(found).toContain(pages);
});

test('of two writes that were not synced the later one may be there without the earlier one', async () => {
  const work = async (fs: SimulatedFs) => {
    await appendDurably(fs, '/disk/a', '');
    await append(fs, '/disk/a', 'a');
    await append(fs, '/disk/a', 'b');
  };
  expect(await outcomesOf(work, contentOf('/disk/a'))).toEqual(
    expect.arrayContaining(['', 'a', 'ab', 'a\0', '\0b', '\0\0']),
  );
});

test('a truncate that was not synced is kept or not', async () => {
  const work = async (fs: SimulatedFs) => {
    await appendDurably(fs, '/disk/a', 'abcd');
    const file = await fs.open('/disk/a', 'append');
    await file.truncate(1);
  };
  expect(await outcomesOf(work, contentOf('/disk/a'))).toEqual(['a', 'abcd']);
});

test('a sync of the file does not make its name durable', async () => {
  const work = async (fs: SimulatedFs) => {
    await append(fs, '/disk/a', 'kept');
    await sync(fs, '/disk/a');
  };
  expect(await outcomesOf(work, contentOf('/disk/a'))).toEqual(['kept', undefined]);
});

test('the names of folders are durable when they are made, unless a kill comes between', async () => {
  const make = (killAt?: number) => async (fs: SimulatedFs) => {
    const first = fs.process(killAt === undefined ? {} : { killAt });
    await first.makeFolder('/disk/new/inner').catch(() => {});
    await fs.makeFolder('/disk/new/inner');
    await append(fs, '/disk/new/inner/a', 'kept');
    await sync(fs, '/disk/new/inner/a');
    await fs.syncFolder('/disk/new/inner');
  };
  expect(await outcomesOf(make(), contentOf('/disk/new/inner/a'))).toEqual(['kept']);
  expect(await outcomesOf(make(3), contentOf('/disk/new/inner/a'))).toEqual(['kept', undefined]);
});

test('a rename leaves the old name or the new one, never both or none, until its folder is synced', async () => {
  const rename = async (fs: SimulatedFs) => {
    await fs.makeFolder('/disk/to');
    await appendDurably(fs, '/disk/a', 'kept');
    await fs.rename('/disk/a', '/disk/to/b');
  };
  const look = async (fs: SimulatedFs) =>
    `${await fs.readSmall('/disk/a')} ${await fs.readSmall('/disk/to/b')}`;
  expect(await outcomesOf(rename, look)).toEqual(['kept undefined', 'undefined kept']);
  const renameDurably = async (fs: SimulatedFs) => {
    await rename(fs);
    await fs.syncFolder('/disk/to');
  };
  expect(await outcomesOf(renameDurably, look)).toEqual(['undefined kept']);
});

test('a rename over a file leaves the old content or the new one', async () => {
  const work = async (fs: SimulatedFs) => {
    await appendDurably(fs, '/disk/a', 'old');
    await append(fs, '/disk/a.tmp', 'new');
    await sync(fs, '/disk/a.tmp');
    await fs.rename('/disk/a.tmp', '/disk/a');
  };
  expect(await outcomesOf(work, contentOf('/disk/a'))).toEqual(['new', 'old']);
});

test('a name that is given again brings along what became of its former holder', async () => {
  const work = async (fs: SimulatedFs) => {
    await fs.makeFolder('/disk/to');
    await appendDurably(fs, '/disk/a', 'first');
    await fs.rename('/disk/a', '/disk/to/a');
    await append(fs, '/disk/a', 'second');
    await sync(fs, '/disk/a');
  };
  const look = async (fs: SimulatedFs) =>
    `${await fs.readSmall('/disk/a')} ${await fs.readSmall('/disk/to/a')}`;
  expect(await outcomesOf(work, look)).toEqual(['first undefined', 'second first', 'undefined first']);
});

test('names are kept or lost on their own', async () => {
  const work = async (fs: SimulatedFs) => {
    await appendDurably(fs, '/disk/old', '');
    for (const name of ['a', 'b']) await append(fs, `/disk/${name}`, '');
    await fs.unlink('/disk/old');
  };
  const all = ['', 'a', 'a b', 'a b old', 'a old', 'b', 'b old', 'old'];
  expect(await outcomesOf(work, namesIn('/disk'))).toEqual(all);
});

test('a file that is open works under any name and none, and knows whether it has one', async () => {
  const fs = await startMachine();
  const file = await fs.open('/disk/a', 'create');
  await fs.rename('/disk/a', '/disk/b');
  await file.write([Buffer.from('x')], 0);
  expect([await fs.readSmall('/disk/b'), await file.isNamed()]).toEqual(['x', true]);
  await fs.unlink('/disk/b');
  const into = Buffer.alloc(2);
  expect([await file.read(into, 0), await file.isNamed(), await fs.exists('/disk/b')]).toEqual([
    1,
    false,
    false,
  ]);
});

test('after a kill everything written is there, locks are free, and the dead process does nothing more', async () => {
  const fs = await startMachine();
  await fs.lock('/disk/.lock', 'stage of trades');
  await append(fs, '/disk/a', 'written');
  await expect(fs.process().lock('/disk/.lock', 'stage of trades')).rejects.toMatchObject({
    code: 'stage.locked',
  });
  const next = fs.processCrash();
  await next.lock('/disk/.lock', 'stage of trades');
  expect(await next.readSmall('/disk/a')).toBe('written');
  await expect(append(fs, '/disk/a', '!')).rejects.toThrow('killed');
  expect(await next.readSmall('/disk/a')).toBe('written');
});

test('the kill comes at the change that was asked for, and leaves half of a write when it tears', async () => {
  for (const [tears, left] of [
    [false, ''],
    [true, 'ab'],
  ] as const) {
    const fs = (await startMachine()).process({ killAt: 2, tears });
    await expect(append(fs, '/disk/a', 'abcd')).rejects.toThrow('killed before: write /disk/a 0+4');
    expect([fs.isKilled, fs.changes, await fs.processCrash().readSmall('/disk/a')]).toEqual([true, 1, left]);
  }
});

test('a full disk takes what fits, says so, and has room again when a file that nobody has open is removed', async () => {
  const fs = SimulatedFs.start({ bytes: 10 });
  await append(fs, '/a', '12345678');
  expect(await fs.space('/')).toEqual({ free: 2, total: 10 });
  await expect(append(fs, '/b', 'abcd')).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await fs.readSmall('/b')).toBe('ab');
  const open = await fs.open('/a', 'read');
  await fs.unlink('/a');
  expect((await fs.space('/')).free).toBe(0);
  await open.close();
  expect((await fs.space('/')).free).toBe(8);
});

test('a write fails when it was asked to', async () => {
  const fs = (await startMachine()).process({ failWrites: [2] });
  await append(fs, '/disk/a', 'ab');
  await expect(append(fs, '/disk/a', 'cd')).rejects.toMatchObject({ code: 'EIO' });
  await append(fs, '/disk/a', 'e');
  expect(await fs.readSmall('/disk/a')).toMatch(/^abc?e$/);
});

test('what was pending when a sync failed is not made durable by the next sync, though it may still be seen', async () => {
  const found = new Set<string | undefined>();
  const seen = new Set<string | undefined>();
  for (const seed of SEEDS) {
    const machine = await startMachine();
    await appendDurably(machine, '/disk/a', 'ab');
    const random = createRandom(seed);
    const fs = machine.process({ failSyncs: [1], random });
    await append(fs, '/disk/a', 'cd');
    await expect(sync(fs, '/disk/a')).rejects.toMatchObject({ code: 'EIO' });
    await sync(fs, '/disk/a');
    seen.add(await fs.readSmall('/disk/a'));
    found.add(await fs.powerLoss(random).readSmall('/disk/a'));
  }
  expect([...found].sort()).toEqual(['ab', 'ab\0\0', 'abc', 'abcd']);
  expect(seen).toEqual(new Set(['ab', 'ab\0\0', 'abc', 'abcd']));
});

test('every handle that was open hears once of a sync that failed', async () => {
  const machine = await startMachine();
  await append(machine, '/disk/a', 'ab');
  const other = await machine.process().open('/disk/a', 'read');
  const failing = await machine.process({ failSyncs: [1] }).open('/disk/a', 'read');
  await expect(failing.sync()).rejects.toMatchObject({ code: 'EIO' });
  await failing.sync();
  await expect(other.sync()).rejects.toMatchObject({ code: 'EIO' });
  await other.sync();
  await sync(machine, '/disk/a');
});

test('a name that was pending when the sync of its folder failed may be lost for good', async () => {
  const found = new Set<string>();
  for (const seed of SEEDS) {
    const fs = (await startMachine()).process({ failSyncs: [1], random: createRandom(seed) });
    await append(fs, '/disk/a', '');
    await expect(fs.syncFolder('/disk')).rejects.toMatchObject({ code: 'EIO' });
    await fs.syncFolder('/disk');
    found.add(await namesIn('/disk')(fs.powerLoss(createRandom(seed))));
  }
  expect(found).toEqual(new Set(['', 'a']));
});

test('another process sees what was written, and its sync makes it durable', async () => {
  const work = async (fs: SimulatedFs) => {
    await appendDurably(fs, '/disk/a', '');
    await append(fs, '/disk/a', 'seen');
    const reader = fs.process();
    expect(await reader.readSmall('/disk/a')).toBe('seen');
    await sync(reader, '/disk/a');
  };
  expect(await outcomesOf(work, contentOf('/disk/a'))).toEqual(['seen']);
});

test('the same seed leaves the same disk and the same log', async () => {
  const runOnce = async () => {
    const random = createRandom(7);
    const fs = (await startMachine()).process({ random });
    for (const name of ['a', 'b', 'c']) await append(fs, `/disk/${name}`, name.repeat(2000));
    const left = fs.powerLoss(random);
    return [left.log, await Promise.all(['a', 'b', 'c'].map((name) => left.readSmall(`/disk/${name}`)))];
  };
  expect(await runOnce()).toEqual(await runOnce());
});

test('when the power goes every process of the machine stops', async () => {
  const fs = await startMachine();
  const other = fs.process();
  fs.powerLoss(createRandom(1));
  await expect(other.exists('/disk')).rejects.toThrow('killed');
});
