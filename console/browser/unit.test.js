// The modules of the console that need no page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ago, bytes, count, duration, exact, left, plural, pretty, short, usd } from '../assets/format.js';
import { drawn, target } from '../assets/sight.js';
import { inside, meets, nexts, statesOf } from '../assets/states.js';
import { rooted, sha256, tarGz } from '../assets/tar.js';
import { parse } from '../assets/api.js';

/** Holds what a function makes of each input to what it should. */
const table = (make, of) => of.forEach(([given, want]) => assert.deepEqual(make(...[given].flat()), want, JSON.stringify(given)));

test('durations, ages, bytes, money and counts are written for people', () => {
  table(duration, [
    [0, '0 ms'], [994, '994 ms'], [995, '1.0 s'], [4200, '4.2 s'], [9999, '10.0 s'], [10_000, '10 s'], [59_999, '59 s'], [60_000, '1 min'], [61_000, '1 min 1 s'], [599_000, '9 min 59 s'], [600_000, '10 min'], [3_600_000, '1 h'],
    [5_400_000, '1 h 30 min'], [86_400_000, '1 d'], [100_800_000, '1 d 4 h'], [40 * 86_400_000, '40 d'], [-1, '–'], [NaN, '–'], [undefined, '–'],
  ]);
  table(bytes, [[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [2662, '2.7 kB'], [999_499, '999 kB'], [999_500, '1.0 MB'], [5e12, '5.0 TB'], [5e15, '5000 TB'], [undefined, '–'], [[null], '–']]);
  table(usd, [[0, '$0.00'], ['0.0012', '< $0.01'], [['0.0012', true], '$0.0012'], [['0.00001', true], '< $0.0001'], ['7.5', '$7.50'], [1234.5, '$1,234.50'], [-3, '−$3.00'], ['', '–'], [undefined, '–']]);
  table(exact, [['0.012300000', '0.0123'], ['5.000000000', '5'], ['500', '500']]);
  table(count, [[0, '0'], [1234567, '1,234,567'], [undefined, '0']]);
  table(plural, [[[1, 'file'], '1 file'], [[0, 'file'], '0 files'], [[1200, 'sandbox', 'sandboxes'], '1,200 sandboxes']]);
  table(short, [['sha256:0123456789abcdef', '0123456789ab'], [undefined, '']]);
  table(pretty, [['{"a":1}', '{\n  "a": 1\n}'], ['no JSON', 'no JSON'], [undefined, '']]);
});

test('ages and what is left go by the time that is now', () => {
  const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
  table(ago, [[at(-1), 'just now'], [at(-7200), '2 h ago'], [at(7230), 'in 2 h'], ['', '–']]);
  table(left, [[at(-1), 'ended'], [at(90_030), '1 d 1 h'], [undefined, 'no end']]);
});

test('of ten thousand rows those in sight are drawn, and keys go from one to the next', () => {
  const seen = { top: 38_000, height: 380 };
  assert.deepEqual(drawn(seen, 10_000), { first: 992, last: 1018 });
  assert.deepEqual(drawn({ top: 0, height: 380 }, 3), { first: 0, last: 3 });
  assert.deepEqual(drawn(seen, 0), { first: 0, last: 0 });
  assert.deepEqual(drawn(seen, 5), { first: 4, last: 5 }); // it became shorter while it was scrolled
  for (const [key, want] of Object.entries({ ArrowDown: 6, j: 6, ArrowUp: 4, k: 4, PageDown: 13, PageUp: 0, Home: 0, End: 9999, x: undefined })) assert.equal(target(key, 5, seen, 10_000), want, key);
  assert.equal(target('ArrowDown', 9999, seen, 10_000), 9999);
  assert.equal(target('ArrowUp', -1, seen, 10_000), 0);
  assert.equal(target('End', -1, seen, 0), undefined);
});

const definition = {
  StartAt: 'Both',
  States: {
    Both: { Type: 'Parallel', Branches: [{ StartAt: 'One', States: { One: { Type: 'Pass', End: true } } }, { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } }, End: true } } }], Catch: [{ ErrorEquals: ['A', 'B'], Next: 'Undo' }], Next: 'Is?' },
    'Is?': { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'Undo' }, { Condition: '{% $n = 1 %}', Next: 'Done' }], Default: 'Done' },
    Undo: { Type: 'Pass', Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
};

test('a definition’s states are found, with where each goes and on what', () => {
  const found = statesOf(definition);
  assert.deepEqual([...found].map(([name, { parent }]) => [name, parent]), [['Both', undefined], ['One', 'Both'], ['Each', 'Both'], ['Item', 'Each'], ['Is?', undefined], ['Undo', undefined], ['Done', undefined]]);
  assert.equal(inside(definition.States.Both).length, 2);
  assert.deepEqual(inside({ Type: 'Map', Iterator: { States: {} } }), [{ States: {} }]);
  assert.deepEqual(nexts(definition.States.Both), [['Is?', 'next', ''], ['Undo', 'catch', 'on A, B']]);
  assert.deepEqual(nexts(definition.States['Is?']), [['Undo', 'choice', '$.n NumericEquals 1'], ['Done', 'choice', '$n = 1'], ['Done', 'choice', 'otherwise']]);
  assert.deepEqual(statesOf(undefined), new Map());
});

test('the first rule that an error meets is the one', () => {
  const rules = [{ ErrorEquals: ['A'], Next: 'a' }, { ErrorEquals: ['States.TaskFailed'], Next: 'b' }, { ErrorEquals: ['States.ALL'], Next: 'c' }];
  table((error) => meets(rules, error)?.Next, [['A', 'a'], ['B', 'b'], ['States.Timeout', 'c']]);
  assert.equal(meets(undefined, 'A'), undefined);
  assert.equal(meets(rules.slice(0, 1), 'B'), undefined);
});

test('a folder is packed as tar reads it, with names of any length', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mayfly-tar-'));
  const long = `${'deep/'.repeat(40)}ü.html`;
  const files = { 'index.html': '<h1>one</h1>', [long]: 'far down', empty: '', block: 'x'.repeat(512) };
  await writeFile(path.join(folder, 'it.tar.gz'), Buffer.from(await (await tarGz(Object.entries(files).map(([name, text]) => ({ name, file: new Blob([text]) })))).arrayBuffer()));
  execFileSync('tar', ['-xzf', 'it.tar.gz'], { cwd: folder });
  for (const [name, text] of Object.entries(files)) assert.equal(await readFile(path.join(folder, name), 'utf8'), text, name);
  await rm(folder, { recursive: true });
  assert.equal(await sha256(new Blob(['abc'])), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('one folder that holds everything is the site itself', () => {
  const names = (...of) => rooted(of.map((name) => ({ name }))).map((f) => f.name);
  assert.deepEqual(names('site/b.html', 'site/a/c.html', 'site/.git/config', 'site/.DS_Store'), ['a/c.html', 'b.html']);
  assert.deepEqual(names('b.html', 'site/a.html'), ['b.html', 'site/a.html']);
  assert.deepEqual(names(), []);
});

test('events of a stream come out whole, however they are cut', async () => {
  const text = 'id: 1\ndata: {"seq":1,"message":"größer"}\n\n: still here\n\ndata: {"seq":\ndata: 2}\n\ndata: {"seq":3}';
  const raw = new TextEncoder().encode(text);
  for (const size of [1, 7, raw.length]) {
    const stream = new ReadableStream({
      start(to) {
        for (let at = 0; at < raw.length; at += size) to.enqueue(raw.slice(at, at + size));
        to.close();
      },
    });
    const found = [];
    for await (const event of parse(stream)) found.push(event);
    assert.deepEqual(found, [{ seq: 1, message: 'größer' }, { seq: 2 }], `in pieces of ${size}`); // the third has not ended
  }
});
