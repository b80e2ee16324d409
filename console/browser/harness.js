// A real Mayfly on this machine, and a real browser that must find nothing
// wrong with its pages.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const tools = createRequire(path.join(process.env.BROWSER_TOOLS, 'package.json'));
const { chromium } = tools('playwright-core');
export const axeSource = tools.resolve('axe-core/axe.min.js');

/**
 * Starts `mayfly local` on free ports; flags come after its own. fill may put
 * something into its data folder before; users are NAME:ROLE, and what they sign
 * in with is put into tokens.
 */
export async function mayfly(flags = [], { fill, users = [], tokens = {} } = {}) {
  const data = await mkdtemp(path.join(tmpdir(), 'mayfly-console-'));
  await fill?.(data);
  const file = path.join(data, 'users.json');
  for (const user of users) {
    const [name, role] = user.split(':');
    const out = execFileSync(process.env.MAYFLY, ['users', 'add', name, '--role', role, '--users', file], { encoding: 'utf8' });
    [tokens[name]] = /mayfly_\S+/.exec(out);
  }
  if (users.length) flags = [...flags, '--users', file];
  const child = spawn(process.env.MAYFLY, ['local', '--data', data, '--api', '127.0.0.1:0', '--aws', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const [api, aws] = await new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`mayfly did not start: ${said}`)), patience);
    const read = (some) => {
      said += some;
      const found = /API\s+(http:\S+)[\s\S]*AWS\s+(http:\S+)/.exec(said);
      if (found) {
        clearTimeout(timer);
        done(found.slice(1));
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => fail(new Error(`mayfly ended with ${code}: ${said}`)));
  });
  const ended = new Promise((done) => child.once('exit', done));
  return {
    api, aws, data,
    said: () => said,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGINT');
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** How long what must come is waited for, in milliseconds: on a machine that is busy with much else, too. */
export const patience = 180_000;

/** Starts Chromium; Debian's is at CHROMIUM, /usr/bin/chromium by default. */
export const browser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

/**
 * A page that watches itself: errors, and requests to anywhere but the API and
 * the AWS port, are told by page.faults().
 */
export async function open(chrome, at, options = {}) {
  const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // What the API refused is shown on the page; the browser says it too.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (![at.api, at.aws].some((known) => request.url().startsWith(known))) faults.push(`a request to ${request.url()}`);
  });
  page.faults = () => assert.deepEqual(faults, []);
  page.go = (where) => page.goto(`${at.api}/#/${where}`);
  await page.goto(`${at.api}/`);
  await page.locator('h1').first().waitFor();
  return page;
}

/** What axe finds against WCAG 2.2 AA on the page as it is. */
export async function violations(page) {
  // The policy of the page lets no script in, so it is run from outside.
  await page.evaluate(await axe());
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(' | ')}`);
}

let source;
async function axe() {
  const { readFile } = await import('node:fs/promises');
  source ??= await readFile(axeSource, 'utf8');
  return source;
}

/** Waits until a function of no arguments returns something true. */
export async function until(what, look) {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise((done) => setTimeout(done, 200))) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`${what} did not come within ${patience / 1000} s`);
}
