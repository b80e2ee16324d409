// What a rollback would change is shown file by file before it is done.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browser, mayfly, open, until, violations } from './harness.js';

let at, chrome, folder;
const releases = [];

const ask = async (method, route, body) => {
  const answer = await fetch(at.api + route, { method, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
  return answer.json();
};

/** Releases files, paths and texts, and waits until they are live. */
async function release(files) {
  await rm(folder, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const archive = execFileSync('tar', ['-C', folder, '-cz', '.']);
  const upload = await ask('POST', '/v1/sandboxes/shop/uploads', { size: archive.length, format: 'tar.gz' });
  await fetch(upload.url, { method: 'PUT', body: archive, headers: upload.headers });
  await ask('POST', '/v1/sandboxes/shop/releases', { upload: upload.id });
  await until(`release ${upload.id}`, async () => (await ask('GET', '/v1/sandboxes/shop')).liveRelease === upload.id);
  await until('its end', async () => !(await ask('GET', '/v1/sandboxes/shop')).activeRelease);
  releases.push(upload.id);
}

before(async () => {
  at = await mayfly(['--propagation', '0s']);
  chrome = await browser();
  folder = await mkdtemp(path.join(tmpdir(), 'mayfly-changes-'));
  await ask('POST', '/v1/sandboxes', { name: 'shop', owner: 'ada' });
  await until('the sandbox', async () => (await ask('GET', '/v1/sandboxes/shop')).phase === 'ready');
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`news/${String(i).padStart(4, '0')}.html`, 'news']));
  await release({ 'index.html': '<h1>one</h1>', 'same.css': 'a{}', ...many });
  await release({ 'index.html': '<h1>number two</h1>', 'same.css': 'a{}', 'new/page.html': 'new' });
});

after(async () => {
  await chrome?.close();
  await at?.stop();
  await rm(folder, { recursive: true, force: true });
});

for (const colorScheme of ['light', 'dark']) {
  test(`a rollback shows each file before it is done, ${colorScheme}`, async () => {
    const page = await open(chrome, at, { colorScheme });
    await page.go('sandboxes/shop/releases');
    await page.getByRole('button', { name: `Roll back to ${releases[0]}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('250 files added (1.0 kB), 1 file changed (12 B), 1 file removed (3 B)').waitFor();
    const row = (name) => dialog.getByRole('row', { name });
    await row('added news/0000.html 4 B').waitFor();
    await row(/^changed index.html 19 B → 12 B$/).waitFor();
    assert.equal(await row(/same.css/).count(), 0, 'what stays is no change');
    await dialog.getByText('and 52 more').waitFor();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Show 52 more' }).click();
    await row(/^removed new\/page.html 3 B$/).waitFor();
    assert.equal(await dialog.getByRole('button', { name: /more$/ }).count(), 0);
    page.faults();
    await page.context().close();
  });
}

test('two releases of the same say so', async () => {
  const page = await open(chrome, at);
  await page.route('**/changes?*', async (route) => {
    const answer = await (await route.fetch()).json();
    const none = { files: 0, bytes: 0 };
    route.fulfill({ json: { ...answer, added: none, changed: none, removed: none, changes: [], next: undefined } });
  });
  await page.go('sandboxes/shop/releases');
  await page.getByRole('button', { name: `Roll back to ${releases[0]}` }).click();
  await page.getByText('No file would change').waitFor();
  page.faults();
  await page.context().close();
});

test('when the files can’t be told the dialog says why, and a rollback is still possible', async () => {
  const page = await open(chrome, at);
  await page.route('**/changes?*', (route) => route.fulfill({ status: 503, json: { title: 'Something is away', detail: 'ask again in a moment', status: 503 } }));
  await page.go('sandboxes/shop/releases');
  await page.getByRole('button', { name: `Roll back to ${releases[0]}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('ask again in a moment').waitFor();
  await dialog.getByRole('button', { name: 'Try again' }).waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Roll back' }).isEnabled());
  await page.context().close();
});
