// How amounts, times and sizes are written; no browser is needed for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, duration, exact, usd } from '../assets/format.js';

const each = (name, write, table) => test(name, () => {
  for (const [given, want] of table) assert.equal(write(...[given].flat()), want, `of ${given}`);
});

each('money, to the cent', usd, [
  [0, '$0.00'], ['0.000000000', '$0.00'], ['3.934', '$3.93'], [0.01, '$0.01'], ['0.004999999', '< $0.01'], [-2, '−$2.00'],
  [1234567.891, '$1,234,567.89'], [undefined, '–'], ['', '–'],
]);

each('money, finer', usd, [
  [['0.0012', true], '$0.0012'], [['0.00009', true], '< $0.0001'], [['0', true], '$0.00'], [['0.5', true], '$0.50'],
]);

each('durations', duration, [
  [0, '0 ms'], [42, '42 ms'], [994, '994 ms'], [995, '1.0 s'], [9_940, '9.9 s'], [12_000, '12 s'], [97_000, '1 min 37 s'], [3_600_000, '1 h'],
  [3_660_000, '1 h 1 min'], [12 * 3_600_000, '12 h'], [227_000_000, '2 d 15 h'], [20 * 86_400_000, '20 d'], [-1, '–'], [NaN, '–'],
]);

each('sizes', bytes, [[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [2662, '2.7 kB'], [12_345_678, '12 MB'], [undefined, '–']]);

each('decimals', exact, [['0.0000133334', '0.0000133334'], ['5.000000000', '5'], ['100', '100'], ['0.120', '0.12']]);
