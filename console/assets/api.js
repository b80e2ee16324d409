// The public API, and what a page must know to ask it well.
import { forget, keep, onEnded, refused, restore, session } from './session.js';

/** How long a request may take, in milliseconds. */
const patience = 20_000;

let base = '';
/** How people sign in; undefined where they paste a token, or nobody asks. */
let issuer;
/** How far the server's clock is before this one's, in milliseconds. */
let skew = 0;
const listeners = new Set();
let reachable = true;

/** What went wrong, as RFC 9457 says it. Status 0 is: nobody answered. */
export class Problem extends Error {
  constructor(status, { title, detail, errors, type } = {}) {
    super([title, detail].filter(Boolean).join(': '));
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.fields = errors ?? [];
    this.kind = (type ?? '').replace('urn:mayfly:problem:', '');
  }
}

/** The time at the server. */
export const now = () => Date.now() + skew;
export const clockSkew = () => skew;

/** Calls back whenever the API comes or goes; returns what ends that. */
export function onReachable(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function reached(yes) {
  if (yes === reachable) return;
  reachable = yes;
  for (const listener of listeners) listener(yes);
}

/** Reads where the API is, and who is signed in; returns how people sign in. */
export async function configure() {
  const answer = await fetch('config.json', { cache: 'no-cache' });
  if (answer.ok) ({ api: base = '', signIn: issuer } = await answer.json());
  ended = restore();
  return issuer;
}

/** Where the API is. */
export const address = () => base || location.origin;

/** When a sign-in ended by itself, in milliseconds; 0 before one has. */
let ended = 0;
onEnded((at) => {
  ended = at || Date.now();
});

/** Signs in with a token, for as long as the tab is open. */
export function signIn(given) {
  if (given.trim()) keep({ token: given.trim() });
  else forget();
}

export const signedIn = () => session().token !== '';

/** Who asks has to say so first. */
export function unknown() {
  return new Problem(401, ended ? { title: 'Your sign-in has ended', detail: 'sign in again to go on where you were' } : { title: 'Who are you?' });
}

async function ask(method, path, { body, accept, signal } = {}) {
  const headers = { Accept: accept ?? 'application/json' };
  const { token } = session();
  if (issuer && !token) throw unknown();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(base + path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    reached(false);
    const late = error.name === 'TimeoutError';
    throw new Problem(0, {
      title: late ? 'The API does not answer' : 'The API can’t be reached',
      detail: late ? `nothing came within ${patience / 1000} s; try again` : 'is mayfly local still running? What is shown may be old',
    });
  }
  reached(true);
  const date = Date.parse(answer.headers.get('Date') ?? '');
  // The header has whole seconds: less than two are no difference.
  if (date) skew = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({ title: `The API answered ${answer.status}`, detail: 'without saying why' }));
    if (answer.status === 401) refused();
    // API Gateway's own answers have a message alone.
    if (!problem.title) Object.assign(problem, { title: `The API answered ${answer.status}`, detail: problem.message });
    throw new Problem(answer.status, problem);
  }
  return answer;
}

/** Asks once; the answer's JSON. */
export async function request(method, path, body, signal) {
  const limit = AbortSignal.timeout(patience);
  const answer = await ask(method, path, { body, signal: signal ? AbortSignal.any([signal, limit]) : limit });
  return answer.status === 204 ? undefined : answer.json();
}

export const get = (path, signal) => request('GET', path, undefined, signal);

/** Goes through a list's pages; yields the items of each. */
export async function* pages(path, key, { first = 1000, limit = 1000, signal } = {}) {
  const joint = path.includes('?') ? '&' : '?';
  for (let cursor = '', size = first; ; size = limit) {
    const page = await get(`${path}${joint}limit=${size}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, signal);
    yield page[key];
    if (!page.next) return;
    cursor = page.next;
  }
}

/** All items of a list. */
export async function all(path, key, signal) {
  const found = [];
  for await (const items of pages(path, key, { signal })) found.push(...items);
  return found;
}

/** A stream that ends sooner, in milliseconds, is an answer: API Gateway streams none. */
const aStream = 2000;

/** Waits while nobody sees the page. */
const seen = () => !document.hidden || new Promise((done) => document.addEventListener('visibilitychange', done, { once: true }));

/**
 * Follows server-sent events until signal ends it, and comes back after each
 * break. Where answers can't be streamed it asks again: soon while things
 * happen, then less and less, and not at all while nobody looks. An EventSource
 * can't send who asks; this can.
 */
export async function follow(path, { after = 0, signal, onEvent, onState }) {
  let wait = 500;
  while (!signal.aborted) {
    const began = Date.now();
    let news = false;
    let short = false;
    try {
      const answer = await ask('GET', `${path}?after=${after}`, { accept: 'text/event-stream', signal });
      onState?.('live');
      for await (const event of parse(answer.body)) {
        news = true;
        after = event.seq;
        onEvent(event);
        if (event.phase === 'deleted') return;
      }
      short = Date.now() - began < aStream;
      wait = !short ? 500 : news ? 1000 : Math.min(wait * 2, 5000);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status >= 400 && error.status < 500) return onState?.('ended', error);
      onState?.('lost', error);
      wait = Math.min(wait * 2, 10_000);
    }
    await new Promise((done) => setTimeout(done, wait));
    if (short) await seen();
  }
}

/** The events in a stream; each is the JSON of one event's data. */
export async function* parse(stream) {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
        if (data) yield JSON.parse(data);
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // it may have ended already
  }
}

/** Uploads a file to where the API said; progress is called with 0 to 1. */
export function upload(to, file, progress) {
  return new Promise((done, fail) => {
    const sending = new XMLHttpRequest();
    sending.open(to.method, to.url);
    for (const [name, value] of Object.entries(to.headers)) {
      if (name.toLowerCase() !== 'content-length') sending.setRequestHeader(name, value); // the browser sends that itself
    }
    sending.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    sending.onload = () => (sending.status < 300 ? done() : fail(new Problem(sending.status, { title: 'The upload was refused', detail: /<Message>([^<]*)/.exec(sending.responseText)?.[1] })));
    sending.onerror = () => fail(new Problem(0, { title: 'The upload broke off', detail: 'nothing was released; drop the folder again' }));
    sending.send(file);
  });
}
