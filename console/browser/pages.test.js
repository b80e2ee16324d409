// Every page, light and dark, wide and narrow: axe finds nothing, and bad
// input is shown for what it is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { browser, mayfly, open, until, violations } from './harness.js';

let at, chrome;

const ask = async (method, route, body) => {
  const answer = await fetch(at.api + route, { method, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
  return answer.json();
};

before(async () => {
  at = await mayfly(['--propagation', '0s']);
  chrome = await browser();
  await ask('POST', '/v1/sandboxes', { name: 'shop', owner: 'ada', ttl: '2d' });
  await ask('POST', '/v1/sandboxes', { name: 'alone', delivery: 'none' });
  await until('the sandbox', async () => (await ask('GET', '/v1/sandboxes/shop')).phase === 'ready');
  const archive = execFileSync('tar', ['-C', new URL('../../examples/site', import.meta.url).pathname, '-cz', '.']);
  const upload = await ask('POST', '/v1/sandboxes/shop/uploads', { size: archive.length, format: 'tar.gz' });
  await fetch(upload.url, { method: 'PUT', body: archive, headers: upload.headers });
  await ask('POST', '/v1/sandboxes/shop/releases', { upload: upload.id });
  await until('the release', async () => (await ask('GET', '/v1/sandboxes/shop')).liveRelease);
  await ask('POST', '/v1/costs', {});
  await ask('PUT', '/v1/budgets/ada', { limit: '20' });
});

after(async () => {
  await chrome?.close();
  await at?.stop();
});

const places = {
  '': 'Sandboxes', 'sandboxes/shop': 'What happened', 'sandboxes/shop/releases': 'Took', 'sandboxes/shop/content': 'index.html', 'sandboxes/shop/images': 'No image', 'sandboxes/shop/usage': 'Requests',
  'sandboxes/alone': 'What happened', 'sandboxes/nobody': 'There is no such thing', repositories: 'Deployed', 'repositories/shop': 'No image', executions: 'provision', 'executions/provision': 'Took', audit: 'create', money: 'Budgets', 'sandboxes/shop/cost': 'Forecast', quotas: 'Limit', orphans: 'Compare now', night: 'would be', 'night/past': 'Begin one now', elsewhere: 'no such page',
};

for (const colorScheme of ['light', 'dark']) {
  describe(`axe, ${colorScheme}`, () => {
    for (const [place, text] of Object.entries(places)) {
      test(place || 'sandboxes', async () => {
        const page = await open(chrome, at, { colorScheme });
        await page.go(place);
        await page.getByText(text).first().waitFor();
        await page.waitForFunction(() => !document.querySelector('.loading'));
        assert.deepEqual(await violations(page), []);
        page.faults();
        await page.context().close();
      });
    }
    test('an execution, and the dialogs', async () => {
      const page = await open(chrome, at, { colorScheme });
      await page.go('executions/provision');
      await page.getByRole('link', { name: /^provision-/ }).first().click();
      await page.locator('[data-state=Provision][data-status=succeeded]').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.go('');
      await page.getByRole('button', { name: 'New sandbox' }).click();
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press('Escape');
      await page.go('sandboxes/shop');
      for (const name of ['Delete', 'Time to live', 'Release a folder']) {
        await page.getByRole('button', { name, exact: true }).click();
        await page.getByRole('dialog').waitFor();
        assert.deepEqual(await violations(page), [], name);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      page.faults();
      await page.context().close();
    });
  });
}

test('on a narrow screen nothing is wider than it', async () => {
  const page = await open(chrome, at, { viewport: { width: 360, height: 700 } });
  for (const place of ['', 'sandboxes/shop', 'sandboxes/shop/releases', 'sandboxes/shop/content', 'sandboxes/shop/usage', 'executions/provision', 'repositories', 'audit']) {
    await page.go(place);
    await page.getByText(places[place]).filter({ visible: true }).first().waitFor();
    await page.waitForFunction(() => !document.querySelector('.loading'));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${place || 'sandboxes'} is ${wide} pixels wide`);
  }
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('link', { name: 'Sandboxes' }).click();
  await page.getByRole('heading', { name: 'Sandboxes' }).waitFor();
  page.faults();
  await page.context().close();
});

test('with the keyboard alone a sandbox is found and opened', async () => {
  const page = await open(chrome, at);
  await page.getByRole('link', { name: 'shop' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('sho');
  await page.getByText('1 of 2 sandboxes').waitFor();
  await page.getByRole('region', { name: 'Sandboxes' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('a:focus', { hasText: 'shop' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'shop' }).waitFor();
  await page.context().close();
});

test('HTML in what the API says is text', async () => {
  const page = await open(chrome, at);
  const evil = '<img src=x onerror="document.title=`taken`"><b>bold</b>';
  await page.route('**/v1/sandboxes/shop', async (route) => {
    const answer = await (await route.fetch()).json();
    route.fulfill({ json: { ...answer, owner: evil, failure: { Error: evil, Cause: evil }, step: evil } });
  });
  await page.go('sandboxes/shop');
  await page.getByText('<b>bold</b>').first().waitFor();
  assert.equal(await page.locator('main b').count(), 0);
  assert.match(await page.title(), /^shop/);
  page.faults();
  await page.context().close();
});

test('an API that is gone is told, and what was there stays', async () => {
  const page = await open(chrome, at);
  await page.getByRole('link', { name: 'shop' }).waitFor();
  await page.context().setOffline(true);
  await page.getByText('The API can’t be reached. What is shown may be old').waitFor();
  assert.ok(await page.getByRole('link', { name: 'shop' }).isVisible());
  assert.deepEqual(await violations(page), []);
  await page.context().setOffline(false);
  await page.getByText('The API can’t be reached. What is shown').waitFor({ state: 'detached' });
  await page.context().close();
});

test('an API that answers with an error, or rubbish, is told with what to do', async () => {
  const page = await open(chrome, at);
  await page.route('**/v1/machines', (route) => route.fulfill({ status: 502, body: '<html>bad gateway' }));
  await page.go('executions');
  await page.getByText('The API answered 502').waitFor();
  await page.unroute('**/v1/machines');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: 'provision', exact: true }).waitFor();
  await page.context().close();
});

test('a clock that differs is told, and ages go by Mayfly’s', async () => {
  const page = await open(chrome, at);
  await page.clock.install({ time: Date.now() + 3 * 3600_000 });
  await page.reload();
  await page.getByText(/clock is 3 h ahead/).waitFor();
  await page.getByRole('link', { name: 'shop' }).waitFor();
  assert.doesNotMatch(await page.locator('tr', { hasText: 'shop' }).innerText(), /\b3 h/);
  await page.context().close();
});

describe('with users', () => {
  let guarded;
  const tokens = {};
  before(async () => {
    guarded = await mayfly(['--propagation', '0s'], { users: ['ada:owner', 'bea:owner', 'rob:reader'], tokens });
  });
  after(() => guarded?.stop());

  test('who has no right sees why', async () => {
    const ada = { Authorization: `Bearer ${tokens.ada}`, 'Content-Type': 'application/json' };
    await fetch(`${guarded.api}/v1/sandboxes`, { method: 'POST', headers: ada, body: '{"name":"hers","delivery":"none"}' });
    const page = await open(chrome, guarded);
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel('Token').fill(tokens.rob);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('rob · reader').waitFor();
    const create = page.getByRole('button', { name: /New sandbox/ });
    assert.equal(await create.getAttribute('aria-disabled'), 'true');
    assert.match(await create.getAttribute('title'), /your role is reader; an admin or the owner could/);
    await page.getByRole('link', { name: 'hers' }).click();
    assert.equal(await page.getByRole('button', { name: /^Delete/ }).getAttribute('aria-disabled'), 'true');
    await page.getByRole('button', { name: /^Delete/ }).press('Enter');
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.deepEqual(await violations(page), []);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').fill(tokens.ada);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('ada · owner').waitFor();
    await page.go('sandboxes/hers');
    await page.getByText('What happened').waitFor(); // its events are streamed with the token
    assert.equal(await page.getByRole('button', { name: 'Delete' }).getAttribute('aria-disabled'), null);
    await page.go('executions');
    await page.getByText('Executions are not yours to list').waitFor();
    page.faults();
    await page.context().close();
  });
});
