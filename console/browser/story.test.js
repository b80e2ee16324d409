// What a person does with a sandbox, from the first to the last click.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test as one } from 'node:test';
import { browser, mayfly, open, until } from './harness.js';

let at, chrome, page, folder;

before(async () => {
  at = await mayfly(['--propagation', '6s']);
  chrome = await browser();
  page = await open(chrome, at);
  folder = await mkdtemp(path.join(tmpdir(), 'mayfly-site-'));
});

after(async () => {
  await chrome?.close();
  await at?.stop();
  await rm(folder, { recursive: true, force: true });
});

// Each part goes on where the one before ended: after one that failed, nothing
// more is learnt.
let broken = false;
const test = (name, run) => one(name, async (t) => {
  if (broken) return t.skip('the part before failed');
  broken = true;
  try {
    await run(t);
    broken = false;
  } catch (error) {
    await page.screenshot({ path: path.join(tmpdir(), 'mayfly-console-story.png') });
    throw error;
  }
});

const phase = (name) => page.locator('.heading .status', { hasText: name });
const dialog = (name) => page.getByRole('dialog').getByRole('button', { name });
/** What the site shows, asked as a browser would. */
async function site(file = '') {
  const url = new URL(await page.getByRole('link', { name: 'Open the site' }).getAttribute('href'));
  const answer = await page.context().request.get(`${at.aws}/${file}`, { headers: { Host: url.host } });
  return answer.text();
}

/** Releases the folder by the page's own chooser, and waits until it is live. */
async function release(files) {
  await rm(folder, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const before = await page.evaluate(() => location.hash);
  await page.getByRole('button', { name: 'Release a folder' }).click();
  await page.getByLabel('The folder to release').setInputFiles(folder);
  await page.getByText(`${Object.keys(files).length} file`).first().waitFor();
  await dialog('Release it').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.match(await page.evaluate(() => location.hash), /releases$/, `from ${before}`);
}

test('a sandbox is made, and its graph goes to ready', async () => {
  await page.getByText('There is no sandbox yet').waitFor();
  await page.getByRole('button', { name: 'New sandbox' }).click();
  await page.getByLabel('Name').fill('Not A Name');
  assert.ok(await dialog('Make it').isDisabled(), 'a name that breaks the rule can be sent');
  await page.getByLabel('Name').fill('preview');
  await page.getByLabel('Lives for').fill('soon');
  await dialog('Make it').click();
  await page.getByRole('dialog').getByText(/must be/).waitFor(); // what the API says of it
  await page.getByLabel('Lives for').fill('2d');
  await dialog('Make it').click();
  await page.locator('[data-state=WaitForPropagation][data-status=running]').waitFor();
  assert.equal(await page.locator('[data-state=CreateBucket]').getAttribute('data-status'), 'succeeded');
  assert.equal(await page.locator('[data-state=WebsiteFoundations]').getAttribute('data-status'), 'waiting');
  await phase('ready').waitFor();
  await page.locator('[data-state=Provision][data-status=succeeded]').waitFor();
  await page.getByText('claimed by local').waitFor();
});

test('a folder is released, then another, and the first comes back', async () => {
  const long = `${'deep/'.repeat(30)}page.html`; // more than the hundred bytes that a plain tar has for a name
  await release({ 'index.html': '<h1>one</h1>', 'about.html': 'about us', [long]: 'far down' });
  await page.locator('tr', { hasText: 'live' }).first().waitFor();
  await until('the first release', async () => (await site()).includes('one'));
  assert.equal(await site(long), 'far down');

  await until('the sandbox to take releases', () => page.getByRole('button', { name: 'Release a folder', exact: true }).isVisible());
  await release({ 'index.html': '<h1>two</h1>' });
  await until('the second release', async () => (await site()).includes('two'));
  assert.doesNotMatch(await site('about.html'), /about us/);

  await page.getByRole('button', { name: /^Roll back to/ }).first().click();
  await page.getByRole('dialog').getByText('2 files added').waitFor();
  await dialog('Roll back').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await until('the way back', async () => (await site()).includes('one'));
  await page.getByRole('cell', { name: /^back to/ }).waitFor();
});

test('one object comes back by itself', async () => {
  await until('the end of the release', () => page.locator('tr', { hasText: 'back to' }).filter({ hasText: 'live' }).isVisible());
  await page.getByRole('link', { name: 'Content', exact: true }).click();
  await page.getByRole('button', { name: 'index.html', exact: true }).click();
  await until('three versions', async () => (await page.getByRole('button', { name: /^Restore version/ }).count()) === 2);
  await page.getByRole('button', { name: /^Restore version/ }).first().click();
  await dialog('Restore it').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await until('the second page', async () => (await site()).includes('two'));
  assert.equal(await site('about.html'), 'about us', 'the other objects stay');
});

test('an image is pushed, and is live', async (t) => {
  await page.getByRole('link', { name: 'Images' }).click();
  await page.getByText('No image was pushed yet').waitFor();
  try {
    execFileSync('buildah', ['--version']);
  } catch {
    return t.skip('buildah is not installed');
  }
  const repository = `${new URL(at.aws).host.replace('127.0.0.1', 'localhost')}/preview:v1`;
  const context = await mkdtemp(path.join(tmpdir(), 'mayfly-image-'));
  const env = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot', REGISTRY_AUTH_FILE: path.join(context, 'auth.json') };
  const buildah = (...args) => execFileSync('buildah', ['--root', path.join(context, 'root'), '--runroot', path.join(context, 'run'), ...args], { env, cwd: context, stdio: 'pipe' });
  await writeFile(path.join(context, 'index.html'), '<h1>from an image</h1>');
  await writeFile(path.join(context, 'Containerfile'), 'FROM scratch\nCOPY index.html /site/\nLABEL dev.mayfly.root=/site\n');
  const password = await token();
  buildah('login', '--tls-verify=false', '-u', 'AWS', '-p', password, repository.split('/')[0]);
  buildah('build', '-q', '-t', repository, '.');
  buildah('push', '-q', '--tls-verify=false', repository);
  await page.getByRole('row', { name: /v1/ }).waitFor();
  await until('the image', async () => (await site()).includes('from an image'));
  await page.getByRole('row', { name: /v1.*live/ }).waitFor();
  await rm(context, { recursive: true, force: true });
});

async function token() {
  const answer = await fetch(`${at.aws}/`, {
    method: 'POST', body: '{}',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
      Authorization: 'AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  const { authorizationData: [{ authorizationToken }] } = await answer.json();
  return Buffer.from(authorizationToken, 'base64').toString().split(':')[1];
}

test('an execution is understood on its page', async () => {
  await page.getByRole('link', { name: 'Executions' }).click();
  await page.getByRole('link', { name: 'provision', exact: true }).click();
  await page.getByRole('link', { name: /^provision-/ }).first().click();
  await page.locator('[data-state=Foundations][data-status=succeeded]').waitFor();
  await page.locator('[data-state=CreateBucket] [role=button]').press('Enter');
  await page.getByRole('heading', { name: /^CreateBucket/ }).waitFor();
  await page.getByRole('cell', { name: 'ExecutionSucceeded' }).waitFor();
});

test('what tonight would do is shown, and why', async () => {
  await page.getByRole('link', { name: 'Night' }).click();
  await page.getByText('Nothing would be done: 1 sandbox kept').waitFor();
  await page.getByRole('row', { name: /preview.*keep.*used/ }).waitFor();
});

test('a sandbox is deleted once its name is typed', async () => {
  await page.go('sandboxes/preview');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByText(/every version of every object/).waitFor();
  assert.ok(await dialog('Delete it for good').isDisabled(), 'it can be deleted without its name');
  await page.getByLabel(/to go on/).fill('preview');
  await dialog('Delete it for good').click();
  await page.getByText('preview is gone').waitFor();
  await page.getByRole('link', { name: 'The other sandboxes' }).click();
  await page.getByText('There is no sandbox yet').waitFor();
  page.faults();
});
