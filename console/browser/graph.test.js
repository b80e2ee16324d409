// What runs, and what failed, understood on the page where one stands.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, mayfly, open, until, violations } from './harness.js';
import { ecr, push } from './registry.js';

let at, chrome;

const ask = async (method, route, body) => {
  const answer = await fetch(at.api + route, { method, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
  return answer.json();
};

before(async () => {
  at = await mayfly(['--propagation', '15s']);
  chrome = await browser();
});

after(async () => {
  await chrome?.close();
  await at?.stop();
});

const state = (page, name, status) => page.locator(`[data-state="${name}"]${status ? `[data-status=${status}]` : ''}`);

for (const colorScheme of ['light', 'dark']) {
  test(`a provision that failed is understood on its page, ${colorScheme}`, { timeout: 900_000 }, async () => {
    const name = `taken-${colorScheme}`;
    await ecr(at.aws, 'CreateRepository', { repositoryName: name }); // somebody else's, with the name that the sandbox's would have
    await ask('POST', '/v1/sandboxes', { name });
    await until('the failure', async () => (await ask('GET', `/v1/sandboxes/${name}`)).phase === 'failed');
    const page = await open(chrome, at, { colorScheme });
    await page.go('executions/provision');
    await page.getByLabel('Status').selectOption('FAILED');
    await page.getByRole('link', { name: /^provision-/ }).first().click();

    // Which state, with what error, and what caught it.
    const wrong = page.getByRole('region', { name: 'What went wrong' });
    await wrong.getByRole('button', { name: 'CreateRepository' }).waitFor();
    const text = await wrong.innerText();
    assert.match(text, /CreateRepository failed: \S+/);
    assert.match(text, /Provision caught it, and went on to Undo/);
    await state(page, 'CreateRepository', 'failed').waitFor();
    await state(page, 'Foundations', 'failed').waitFor();
    await state(page, 'Provision', 'caught').waitFor();
    await state(page, 'Ready', 'waiting').waitFor();
    await page.getByRole('heading', { name: /^CreateRepository/ }).waitFor(); // it is chosen already
    assert.deepEqual(await violations(page), []);

    // What it was asked, and the rules by which it is tried again.
    await page.locator('.chosen summary', { hasText: 'Input' }).click();
    await page.locator('.chosen pre', { hasText: name }).first().waitFor();
    await page.locator('.chosen li', { hasText: 'Tried again up to' }).first().waitFor();

    // Another state by the keyboard: the one that caught it says by which rule.
    await state(page, 'Provision').locator('> [role=button]').press('Enter');
    await page.getByRole('heading', { name: /^Provision/ }).waitFor();
    await page.locator('.chosen li', { hasText: '(this one)' }).waitFor();
    assert.deepEqual(await violations(page), []);

    // Back by the list, and the history says the same.
    await wrong.getByRole('button', { name: 'CreateRepository' }).click();
    await page.getByRole('heading', { name: /^CreateRepository/ }).waitFor();
    await page.getByRole('cell', { name: 'ExecutionFailed' }).waitFor();
    await page.go(`sandboxes/${name}`);
    await page.getByRole('region', { name: 'What went wrong' }).getByRole('button', { name: 'CreateRepository' }).waitFor();
    page.faults();
    await page.context().close();
  });
}

test('a push is seen to go live, state by state', { timeout: 900_000 }, async () => {
  await ask('POST', '/v1/sandboxes', { name: 'pushed' });
  await until('the sandbox', async () => (await ask('GET', '/v1/sandboxes/pushed')).phase === 'ready');
  const page = await open(chrome, at);
  await page.go('sandboxes/pushed');
  await state(page, 'Provision', 'succeeded').waitFor();
  await push(at.aws, 'pushed', 'v1', new URL('../../examples/site', import.meta.url).pathname);
  await page.getByRole('heading', { name: /^Release r-/ }).waitFor();
  await state(page, 'WaitForInvalidation', 'running').waitFor();
  assert.deepEqual(await violations(page), []);
  await state(page, 'Release', 'succeeded').waitFor();
  await state(page, 'WritePages', 'succeeded').waitFor();
  await page.getByText(/release r-\S+ is live/).first().waitFor();
  await page.getByRole('term').filter({ hasText: 'Live image' }).waitFor();
  page.faults();
  await page.context().close();
});
