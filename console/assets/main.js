// The frame: where one is, what the pages are, and whether the API is there.
import { html, render, useState, useEffect, useRef } from './view.js';
import { configure, onReachable, signIn, signedIn, unknown, clockSkew, get } from './api.js';
import { onEnded } from './session.js';
import { has, loadCaller, me } from './rights.js';
import { theme, setTheme, themes } from './theme.js';
import { Failure, Loading } from './parts.js';
import { duration } from './format.js';
import { Sandboxes } from './sandboxes.js';

// Pages that are not the first are loaded when they are opened. The last is the
// route without which there is no such page.
const every = [
  ['sandboxes', 'Sandboxes', () => Sandboxes, 'GET /v1/sandboxes'],
  ['repositories', 'Repositories', () => import('./repositories.js').then((m) => m.Repositories), 'GET /v1/sandboxes'],
  ['classes', 'Classes', () => import('./classes.js').then((m) => m.Classes), 'GET /v1/classes'],
  ['night', 'Night', () => import('./night.js').then((m) => m.Night), 'GET /v1/nights'],
  ['money', 'Money', () => import('./money.js').then((m) => m.Money), 'GET /v1/costs'],
  ['quotas', 'Quotas', () => import('./quotas.js').then((m) => m.Quotas), 'GET /v1/quotas'],
  ['orphans', 'Orphans', () => import('./orphans.js').then((m) => m.Orphans), 'GET /v1/orphans'],
  ['executions', 'Executions', () => import('./executions.js').then((m) => m.Executions), 'GET /v1/machines'],
  ['audit', 'Audit', () => import('./audit.js').then((m) => m.Audit), 'GET /v1/audit'],
];
const pages = () => every.filter(([, , , route]) => has(route));
const mark = new URL('mayfly.svg', import.meta.url).href;
const sandbox = () => import('./sandbox.js').then((m) => m.Sandbox);

/** Whole minutes, in milliseconds: the server's clock is told in seconds, and late. */
const minutes = (milliseconds) => Math.round(milliseconds / 60_000) * 60_000;

/** The parts of the address after #/. */
const place = () => location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);

function usePlace() {
  const [at, setAt] = useState(place);
  useEffect(() => {
    const moved = () => setAt(place());
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return at;
}

function Page({ at }) {
  const [shown, setShown] = useState({});
  const main = useRef();
  const name = at[0] ?? 'sandboxes';
  const known = pages().find(([page]) => page === name);
  const load = name === 'sandboxes' && at[1] ? sandbox : known?.[2];
  const key = `${name}/${at[1] ?? ''}`;
  useEffect(() => {
    document.title = [at[1], known?.[1], 'Mayfly'].filter(Boolean).join(' · ');
    if (!load) return;
    Promise.resolve(load()).then((View) => setShown({ key, View }), (error) => setShown({ key, error }));
  }, [key]);
  useEffect(() => {
    if (shown.key === key && !document.activeElement?.closest('main')) main.current.querySelector('h1')?.focus({ preventScroll: true });
  }, [shown.key]);
  return html`<main ref=${main} id="main">
    ${!load ? html`<div class="page"><h1 tabindex="-1">There is no such page</h1><p><a href="#/">The sandboxes</a> are here.</p></div>`
      : shown.key !== key ? html`<div class="page"><${Loading} /></div>`
      : shown.error ? html`<${Failure} error=${{ title: 'The page could not be opened', detail: shown.error.message }} retry=${() => location.reload()} />`
      : html`<${shown.View} key=${key} at=${at.slice(1)} />`}
  </main>`;
}

function Theme() {
  const [now, setNow] = useState(theme());
  const change = (e) => {
    setTheme(e.target.value);
    setNow(e.target.value);
  };
  return html`<label class="theme"><span class="unseen">Colours</span><select value=${now} onChange=${change}>
    ${themes.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>`;
}

/** Signing in at an issuer is loaded where there is one. */
const issuers = () => import('./signin.js');

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;

function AtIssuer({ issuer, error }) {
  const [failed, setFailed] = useState();
  const [going, setGoing] = useState(false);
  const go = async () => {
    setGoing(true);
    try {
      await (await issuers()).signIn(issuer);
    } catch (problem) {
      setGoing(false);
      setFailed({ title: 'You can’t be sent there', detail: problem.message });
    }
  };
  const at = new URL(issuer.server.authorization_endpoint).host;
  return html`<main class="sign-in" id="main"><h1 tabindex="-1">${error.title ?? 'Who are you?'}</h1>
    ${error.detail && html`<p role="status">${sentence(error.detail)}</p>`}
    ${failed && html`<${Failure} error=${failed} />`}
    <p>You sign in at <strong>${at}</strong>, and come back here. It holds in this tab, until it is closed or the token ends.</p>
    <p><button type="button" class="primary" onClick=${go} disabled=${going}>${going ? 'One moment…' : 'Sign in'}</button></p></main>`;
}

function SignIn({ error }) {
  const submit = (event) => {
    event.preventDefault();
    signIn(new FormData(event.target).get('token'));
    location.reload();
  };
  return html`<main class="sign-in" id="main"><h1 tabindex="-1">Who are you?</h1>
    <form onSubmit=${submit}><p>${sentence(error.detail ?? 'this Mayfly asks who asks')} A token is what <code>mayfly users</code> prints, or what your issuer gives; it is kept until this tab is closed.</p>
      <label>Token <input name="token" type="password" autocomplete="off" required /></label><button class="primary">Sign in</button></form></main>`;
}

function App({ health, issuer, error: atStart }) {
  const at = usePlace();
  const [error, setError] = useState(atStart);
  useEffect(() => onEnded(() => setError(unknown())), []);
  const leave = async () => {
    if (issuer) return (await issuers()).signOut(issuer);
    signIn('');
    return location.reload();
  };
  const [reachable, setReachable] = useState(true);
  useEffect(() => onReachable(setReachable), []);
  const [menu, setMenu] = useState(false);
  useEffect(() => setMenu(false), [at.join('/')]);
  const skip = (event) => {
    event.preventDefault();
    document.querySelector('h1')?.focus();
  };
  const skew = clockSkew();
  return html`<a class="skip" href="#main" onClick=${skip}>To the content</a>
    <header class="top">
      <a class="brand" href="#/"><img src=${mark} alt="" width="24" height="24" />Mayfly</a>
      <button type="button" class="menu" aria-expanded=${menu} aria-controls="nav" onClick=${() => setMenu(!menu)}>Menu</button>
      <nav id="nav" class=${menu ? 'open' : ''} aria-label="Main">${pages().map(([page, title]) => html`<a href="#/${page}" aria-current=${(at[0] ?? 'sandboxes') === page ? 'page' : undefined}>${title}</a>`)}</nav>
      <span class="who">${me().name && html`<span title=${me().principal}>${me().name} · ${me().role}</span>`}
        ${signedIn() && html`<button type="button" class="quiet" onClick=${leave}>Sign out</button>`}
        ${health && html`<span class="mode" title="Mayfly ${health.version}">${health.mode === 'aws' ? 'AWS' : 'this machine'}</span>`}</span>
      <${Theme} />
    </header>
    <div role="status" class="banners">
      ${!reachable && html`<p class="banner bad">The API can’t be reached. What is shown may be old; it goes on by itself when the API is back.</p>`}
      ${Math.abs(skew) > 60_000 && html`<p class="banner warn">This machine’s clock is ${duration(minutes(Math.abs(skew)))} ${skew < 0 ? 'ahead of' : 'behind'} Mayfly’s. Times here go by Mayfly’s.</p>`}
    </div>
    ${error?.status === 401 && issuer ? html`<${AtIssuer} issuer=${issuer} error=${error} />` : error?.status === 401 ? html`<${SignIn} error=${error} />` : error ? html`<main id="main"><h1 tabindex="-1">Mayfly does not answer</h1><${Failure} error=${error} retry=${() => location.reload()} /></main>` : html`<${Page} at=${at} />`}`;
}

/** An issuer's answer in the address, which nobody is to see there or use again. */
function taken() {
  const parameters = new URLSearchParams(location.search);
  if (!parameters.has('code') && !parameters.has('error')) return undefined;
  history.replaceState(null, '', location.pathname + location.hash);
  return parameters;
}

async function start() {
  const root = document.getElementById('app');
  let health, issuer, error;
  const answer = taken();
  try {
    issuer = await configure();
    if (issuer && answer) await (await issuers()).finish(issuer, answer);
    [health] = await Promise.all([get('/v1/health'), loadCaller()]);
  } catch (problem) {
    error = problem;
  }
  root.replaceChildren();
  render(html`<${App} health=${health} issuer=${issuer} error=${error} />`, root);
}

start();
