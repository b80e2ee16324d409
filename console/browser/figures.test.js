// Figures, printed; and limits that hold on any machine: what is sent, what is
// in the page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { browser, mayfly, open } from './harness.js';

const count = 10_000;
let at, chrome;

before(async () => {
  at = await mayfly([], { fill: (data) => execFileSync('go', ['run', './seed', data, String(count)], { cwd: import.meta.dirname, stdio: 'inherit' }) });
  chrome = await browser();
});

after(async () => {
  await chrome?.close();
  await at?.stop();
});

/** The middle of some numbers. */
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

test('the first view is small', async (t) => {
  const page = await open(chrome, at);
  await page.getByRole('link', { name: 'preview-00000' }).waitFor();
  const sent = await page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).filter((r) => !r.name.includes('/v1/')).map((r) => [r.name.replace(location.origin, ''), r.encodedBodySize]));
  const total = sent.reduce((sum, [, size]) => sum + size, 0);
  t.diagnostic(`first view: ${sent.length} files, ${(total / 1000).toFixed(1)} kB compressed`);
  assert.ok(total < 150_000, `${total} bytes are sent before there is anything to see`);
  assert.ok(!sent.some(([name]) => /dagre|uplot/.test(name)), 'libraries of other pages are loaded');
  page.faults();
  await page.context().close();
});

test(`${count} sandboxes: first paint, all of them, a filter, a sort`, async (t) => {
  const paints = [];
  const rows = [];
  for (let i = 0; i < 5; i++) {
    const page = await open(chrome, at);
    await page.getByRole('link', { name: 'preview-00000' }).waitFor();
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
    rows.push(await page.evaluate(() => performance.getEntriesByName('mayfly-rows')[0].startTime));
    await page.context().close();
  }
  const page = await open(chrome, at);
  const start = Date.now();
  await page.getByText('10,000 sandboxes', { exact: true }).waitFor();
  const all = Date.now() - start;
  assert.ok((await page.locator('.rows tbody tr').count()) < 80, 'rows out of sight are in the page');

  /** From the key to the next frame that shows what it did, in milliseconds. */
  const measured = (act) => page.evaluate(async (what) => {
    const began = performance.now();
    if (what.sort) [...document.querySelectorAll('button.sort')].find((b) => b.textContent.startsWith(what.sort)).click();
    else {
      const field = document.querySelector('input[type=search]');
      field.value = what.search;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - began;
  }, act);
  const filters = [];
  for (const search of ['7', '77', '777', '', 'owner07', 'preview-09', '']) filters.push(await measured({ search }));
  await measured({ search: '0777' });
  await page.getByText('11 of 10,000 sandboxes').waitFor();
  await measured({ search: '' });
  const sorts = [];
  for (const sort of ['Age', 'Owner', 'Time left', 'Owner']) sorts.push(await measured({ sort }));
  await page.locator('.filters select').last().selectOption('failed');
  await page.getByText('200 of 10,000 sandboxes').waitFor();
  t.diagnostic(`first paint ${median(paints).toFixed(0)} ms, first rows ${median(rows).toFixed(0)} ms (middle of 5), all ${count} rows after ${all} ms`);
  t.diagnostic(`a filter ${median(filters).toFixed(0)} ms, at most ${Math.max(...filters).toFixed(0)} ms; a sort ${median(sorts).toFixed(0)} ms, at most ${Math.max(...sorts).toFixed(0)} ms`);
  page.faults();
});
