// The console as it is on AWS: a site of Mayfly's own, of another origin than
// the API, which asks for an issuer's tokens.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test as one } from 'node:test';
import { promisify } from 'node:util';
import { browser, mayfly, patience, until, violations } from './harness.js';
import { issuer } from './issuer.js';

const clientId = 'mayfly-console';
let data, at, chrome, id, site, ports;

/** A port that is free, and that the system gives nobody who asks for any. */
async function port() {
  for (;;) {
    const chosen = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    server.listen(chosen, '127.0.0.1');
    const free = await Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]);
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return chosen;
  }
}

const start = (...flags) => mayfly(['--propagation', '0s', '--data', data, '--api', `127.0.0.1:${ports[0]}`, '--aws', `127.0.0.1:${ports[1]}`, '--users', path.join(data, 'users.json'), ...flags]);

/** Runs the command as somebody whom the issuer knows. */
async function command(...args) {
  const { stdout } = await promisify(execFile)(process.env.MAYFLY, args, {
    env: { ...process.env, MAYFLY_API: at.api, MAYFLY_TOKEN: id.token({ client_id: clientId }) }, 
  });
  return stdout;
}

/** A page that watches itself, of a person who has signed in nowhere yet. */
async function visit(options) {
  const context = await chrome.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  last = page;
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (![site.origin, at.api, at.aws, id.url].includes(origin)) faults.push(`a request to ${request.url()}`);
  });
  page.faults = () => assert.deepEqual(faults, []);
  return page;
}

/** What a page shows when a test fails is why. */
let last;
const test = (name, run) => one(name, async (t) => {
  try {
    await run(t);
  } catch (error) {
    t.diagnostic(`the page shows: ${await last?.locator('body').innerText().catch((problem) => problem.message)}`);
    throw error;
  }
});

async function signIn(page, next = {}) {
  id.next = next;
  await page.getByRole('button', { name: 'Sign in' }).click();
}

before(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'mayfly-console-aws-'));
  ports = [await port(), await port()];
  chrome = await browser();
  id = await issuer({ clientId });
  await writeFile(path.join(data, 'users.json'), JSON.stringify({
    users: [], jwt: { issuer: id.url, audience: [clientId], publicKey: id.publicKey, roleClaim: 'groups', admins: ['ops'] },
  }), { mode: 0o600 });
  at = await start();
  const published = JSON.parse(await command('console', 'publish', '--client-id', clientId, '-o', 'json'));
  assert.equal(published.mayAsk, false);
  assert.equal(published.letIn, `mayfly local --console-origin ${published.origin}`);
  site = { url: published.url, origin: published.origin };
  id.allow(published.callback);
  // As a deploy with the setting does it on AWS.
  await at.stop();
  at = await start('--console-origin', site.origin);
  assert.equal(JSON.parse(await command('console', 'publish', '--client-id', clientId, '-o', 'json')).mayAsk, true);
});

after(async () => {
  await chrome?.close();
  await at?.stop();
  id?.close();
  await rm(data, { recursive: true, force: true });
});

test('the page is a site’s: its policy is in it, and the edge’s headers are around it', async () => {
  const page = await visit();
  const answer = await page.goto(site.url);
  assert.equal(answer.status(), 200, await answer.text());
  const headers = answer.headers();
  assert.match(headers['content-type'], /^text\/html/);
  assert.equal(headers['cache-control'], 'public, max-age=0, must-revalidate');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
  const policy = await page.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content');
  assert.match(policy, new RegExp(`connect-src 'self' ${at.aws} ${at.api} ${id.url};`));
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  const refused = await page.evaluate(async () => {
    const failed = (what) => what.then(() => 'let through', () => 'refused');
    return [await failed(fetch('https://evil.example/')), await failed(import('data:text/javascript,1'))];
  });
  assert.deepEqual(refused, ['refused', 'refused']);
  await page.context().close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing on the page to sign in, ${colorScheme}`, async () => {
    const page = await visit({ colorScheme });
    await page.goto(site.url);
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await signIn(page, { refused: 'not today' });
    await page.getByText('The issuer says no: access_denied: not today.').waitFor();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    assert.deepEqual(await violations(page), []);
    page.faults();
    await page.context().close();
  });
}

test('one signs in, works, and signs out', async () => {
  const page = await visit();
  await page.goto(`${site.url}#/audit`);
  await signIn(page);
  await page.getByText('ada · admin').waitFor();
  await page.getByRole('heading', { name: 'Audit' }).waitFor(); // where one wanted to go
  assert.equal(page.url(), `${site.url}#/audit`, 'the code is in the address');
  const asked = id.asked.at(-1);
  assert.equal(asked.scope, 'openid');
  assert.ok(asked.state && asked.nonce && asked.code_challenge);

  // Nothing is kept but in this tab, and what was needed to sign in is gone.
  const kept = await page.evaluate(() => ({ here: Object.keys(sessionStorage), everywhere: Object.keys(localStorage), cookies: document.cookie }));
  assert.deepEqual(kept, { here: ['mayfly-session'], everywhere: [], cookies: '' });
  await page.reload();
  await page.getByText('ada · admin').waitFor();

  await page.goto(`${site.url}#/`);
  await page.getByRole('link', { name: 'console', exact: true }).waitFor();
  await page.getByRole('button', { name: 'New sandbox' }).click();
  await page.getByLabel('Name').fill('shop');
  await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click();
  await page.locator('.heading .status', { hasText: 'ready' }).waitFor(); // its events are followed
  await page.getByRole('log').getByText('claimed by ada').waitFor();

  const folder = path.join(data, 'folder');
  await mkdir(folder);
  await writeFile(path.join(folder, 'index.html'), '<h1>The shop</h1>');
  await page.getByRole('button', { name: 'Release a folder' }).click();
  await page.getByLabel('The folder to release').setInputFiles(folder);
  await page.getByRole('dialog').getByRole('button', { name: 'Release it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('tr', { hasText: 'live' }).first().waitFor();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  const out = id.asked.at(-1);
  assert.equal(out.client_id, clientId);
  assert.equal(out.post_logout_redirect_uri, site.url);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  page.faults();
  await page.context().close();
});

test('answers that are not to be trusted sign nobody in', async () => {
  const page = await visit();
  await page.goto(site.url);
  await signIn(page, { state: 'another' });
  await page.getByText(/not to be trusted: unexpected "state"/).waitFor();
  await signIn(page, { otherNonce: 'another' });
  await page.getByText(/not to be trusted: unexpected ID Token "nonce"/).waitFor();
  // An answer that this tab did not ask for, as in a link that somebody sent.
  await page.goto(`${site.url}?code=stolen&state=known&iss=${encodeURIComponent(id.url)}`);
  await page.getByText('The answer of the issuer is to no question of this tab.').waitFor();
  assert.equal(page.url(), site.url);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  page.faults();
  await page.context().close();
});

test('a sign-in that has ended is told, and taken up where one was', async () => {
  const page = await visit();
  await page.clock.install();
  await page.goto(`${site.url}#/executions`);
  await signIn(page, { seconds: 600 });
  await page.getByRole('link', { name: 'provision', exact: true }).waitFor();
  await page.clock.fastForward('11:00');
  await page.getByRole('heading', { name: 'Your sign-in has ended' }).waitFor();
  await page.getByText('Sign in again to go on where you were.').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.context().close();

  // The API says so first, where the token ended sooner than it said.
  const other = await visit();
  await other.goto(`${site.url}#/executions`);
  await signIn(other, { seconds: 600, holds: -1 });
  await other.getByText(/token is expired/).waitFor();
  await signIn(other);
  await other.getByText('ada · admin').waitFor();
  await other.getByRole('link', { name: 'provision', exact: true }).waitFor();
  other.faults();
  await other.context().close();
});

test('where answers can’t be streamed, events are asked for again', async () => {
  const page = await visit();
  const answers = [];
  // As the API answers behind API Gateway: with what there is, and the end.
  await page.route('**/v1/sandboxes/polled/events*', async (route) => {
    const asked = route.request();
    const answer = await fetch(asked.url(), { headers: { Authorization: await asked.headerValue('authorization') } });
    const { events } = await answer.json();
    answers.push(events.length);
    await route.fulfill({ contentType: 'text/event-stream', headers: { 'Access-Control-Allow-Origin': site.origin }, body: events.map((e) => `id: ${e.seq}\ndata: ${JSON.stringify(e)}\n\n`).join('') });
  });
  await page.goto(site.url);
  await signIn(page);
  await page.getByText('ada · admin').waitFor();
  await page.getByRole('button', { name: 'New sandbox' }).click();
  await page.getByLabel('Name').fill('polled');
  await page.getByRole('dialog').getByText('A repository alone').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click();
  await page.locator('.heading .status', { hasText: 'ready' }).waitFor();
  await until('an answer without news', () => answers.length > 2 && answers.at(-1) === 0);
  await command('pin', 'polled', '--reason', 'for the test');
  await page.getByRole('log').getByText(/for the test/).waitFor();
  page.faults();
  await page.context().close();
});
