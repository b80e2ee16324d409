// A small company's Mayfly after two weeks, for pictures: real sandboxes, real
// releases, real nights, by the public API alone.
import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './harness.js';
import { push } from './registry.js';

const site = new URL('../../examples/site', import.meta.url).pathname;
const hour = 3_600_000;
const day = 24 * hour;

/** What there is, with the day on which it is made; nights come between the days. */
const made = [
  [0, { name: 'handbook', owner: 'ana', delivery: 'website', idleTime: '7d' }],
  [0, { name: 'shop', owner: 'ben', waf: true, idleTime: '5d' }],
  [1, { name: 'landing-page', owner: 'ana', ttl: '30d', idleTime: '5d' }],
  [1, { name: 'menu', owner: 'chloe' }],
  [2, { name: 'api-images', owner: 'ben', delivery: 'none' }],
  [3, { name: 'pricing', owner: 'dmitri', ttl: '21d' }],
  [4, { name: 'winter-campaign', owner: 'chloe', waf: true, sleepFor: '60d' }],
  [5, { name: 'pr-112', owner: 'ci', ttl: '3d', sleepFor: '2d' }],
  [6, { name: 'docs-preview', owner: 'dmitri' }],
  [9, { name: 'pr-118', owner: 'ci', ttl: '7d' }],
  [10, { name: 'status', owner: 'ben', ttl: '14d', idleTime: '5d' }],
  [11, { name: 'pr-121', owner: 'ci', ttl: '7d' }],
  [12, { name: 'checkout', owner: 'ben', ttl: '36h' }],
  [13, { name: 'pr-124', owner: 'ci', ttl: '7d' }],
];
const days = 14;
/** Who is used each day, and so never idle. */
const used = ['shop', 'landing-page', 'handbook', 'pr-124', 'checkout', 'status'];

/** Starts it; returns where it is and what ends it. */
export async function scene() {
  const data = await mkdtemp(path.join(tmpdir(), 'mayfly-scene-'));
  const folder = await mkdtemp(path.join(tmpdir(), 'mayfly-site-'));
  const binary = path.join(data, 'past');
  execFileSync('go', ['build', '-o', binary, './past'], { cwd: import.meta.dirname, stdio: 'inherit' });
  // Its last night is the last one that was: they begin at 03:00 UTC.
  const start = Math.floor((Date.now() - 3 * hour) / day) * day - days * day;
  const lag = (time) => `${Math.max(0, Math.round((Date.now() - time) / 1000))}s`;
  const child = spawn(binary, [path.join(data, 'data'), lag(start + 9 * hour)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the local cloud has ended');
    return value;
  };
  const [api, aws] = [(await line()).slice(4), (await line()).slice(4)];
  const ended = new Promise((done) => child.once('exit', done));

  const ask = async (method, route, body, who = 'ana') => {
    const answer = await fetch(api + route, { method, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json', 'Mayfly-Principal': who } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  };
  const settled = (name) => until(`${name} at rest`, async () => {
    const s = await ask('GET', `/v1/sandboxes/${name}`);
    return !['provisioning', 'updating', 'deleting'].includes(s.phase) && !s.activeRelease && s;
  });
  const release = async (name, text, who) => {
    await rm(folder, { recursive: true, force: true });
    await cp(site, folder, { recursive: true });
    await writeFile(path.join(folder, 'index.html'), `${await readFile(path.join(site, 'index.html'), 'utf8')}<!-- ${text} -->\n`);
    await writeFile(path.join(folder, 'docs', `${text.replaceAll(' ', '-')}.html`), `<!doctype html><title>${text}</title><h1>${text}</h1>\n`);
    const archive = execFileSync('tar', ['-C', folder, '-cz', '.']);
    const to = await ask('POST', `/v1/sandboxes/${name}/uploads`, { size: archive.length, format: 'tar.gz' }, who);
    await fetch(to.url, { method: 'PUT', body: archive, headers: to.headers });
    await ask('POST', `/v1/sandboxes/${name}/releases`, { upload: to.id }, who);
    return settled(name);
  };
  /** Pushes a folder to the repository of a site, and waits until it is live. */
  const deploy = async (name, tag, from) => {
    await push(aws, name, tag, from);
    await until(`${name}:${tag} live`, async () => (await ask('GET', `/v1/sandboxes/${name}`)).liveImage?.tag === tag);
    await settled(name);
  };
  /** So many visits of a site, some of them to what is not there. */
  const visit = async (name, times) => {
    const { url } = await ask('GET', `/v1/sandboxes/${name}`);
    if (!url) return;
    for (let i = 0; i < times; i++) {
      const file = ['', 'assets/site.css', 'docs/', 'nothing-here'][i % 13 === 12 ? 3 : i % 3];
      await new Promise((done, fail) => http.get({ host: '127.0.0.1', port: new URL(aws).port, path: `/${file}`, headers: { Host: new URL(url).host, 'User-Agent': 'Mozilla/5.0' } }, (r) => r.resume().on('end', done)).on('error', fail));
    }
  };
  const set = async (time) => {
    child.stdin.write(`${lag(time)}\n`);
    await line();
  };
  /** Waits for the night after a day. */
  const night = async (today) => {
    const last = (await ask('GET', '/v1/nights?limit=1')).nights[0]?.id;
    await set(start + (today + 1) * day + 3 * hour);
    await until('the night', async () => {
      const [found] = (await ask('GET', '/v1/nights?limit=1')).nights;
      return found && found.id !== last && ['done', 'broken'].includes(found.status);
    }, 300_000);
  };

  for (let today = 0; today < days; today++) {
    if (today) await set(start + today * day + 9 * hour);
    for (const [, body] of made.filter(([on]) => on === today)) {
      await ask('POST', '/v1/sandboxes', body, body.owner);
      const s = await settled(body.name);
      if (s.url) await release(body.name, `${body.name} first`, body.owner);
    }
    for (const name of used) {
      if (!made.some(([on, body]) => body.name === name && on <= today)) continue;
      if ((await settled(name)).phase !== 'ready') continue;
      await visit(name, 12 + ((today * 37 + name.length * 11) % 40));
      if ((today + name.length) % 4 === 0) await release(name, `${name} day ${today}`, name === 'shop' ? 'chloe' : undefined);
    }
    if (today === 3) await ask('POST', '/v1/sandboxes/menu/pin', { reason: 'shown at the fair until Friday' }, 'chloe');
    if (today === 8) await ask('POST', '/v1/sandboxes/winter-campaign/sleep', { reason: 'back in December' }, 'chloe');
    if (today === 11) await ask('POST', '/v1/sandboxes/docs-preview/extend', { for: '4d', reason: 'the review is on Monday' }, 'dmitri').catch(() => {});
    if (today === 9) {
      await push(aws, 'api-images', 'v1.4.0', site);
      await deploy('shop', 'v2.0', site);
    }
    if (today === 12) {
      await push(aws, 'api-images', 'v1.5.0', folder);
      await deploy('shop', 'v2.1', folder);
    }
    if (today === 13) await ask('PUT', '/v1/budgets/ben', { limit: '12' });
    await night(today);
  }
  await set(Date.now());
  for (const [owner, limit] of [['ana', '5'], ['chloe', '4'], ['ci', '10']]) await ask('PUT', `/v1/budgets/${owner}`, { limit });
  for (let from; ;) {
    from = (await ask('POST', '/v1/costs', from ? { next: from } : {})).next;
    if (!from) break;
  }
  await ask('POST', '/v1/orphans', { fix: false });
  return {
    api, aws, ask, settled, release,
    async stop() {
      child.stdin.end();
      await ended;
      await rm(data, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
