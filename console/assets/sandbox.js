// One sandbox: what it is, what is under way, and everything that can be done
// to it.
import { html, useState, useEffect, useCallback } from './view.js';
import { follow, get, now } from './api.js';
import { clock, day, left, when } from './format.js';
import { Act, Copy, Empty, Eta, Facts, Failure, Loading, Status, Tabs, Time } from './parts.js';
import { Flow, executionOf, useExecution } from './flow.js';
import { Usage } from './usage.js';
import { Progress, Releases } from './releases.js';
import { Content } from './content.js';
import { Images } from './images.js';
import { Drop } from './drop.js';
import { Life, LifeNotes } from './life.js';
import { Cost } from './cost.js';
import { has } from './rights.js';

const tabs = [['', 'Overview'], ['releases', 'Releases'], ['content', 'Content'], ['images', 'Images'], ['usage', 'Usage'], ['cost', 'Cost']];
/** So many of the newest events are shown. */
const kept = 500;

/** A sandbox and what happens to it, live. */
function useSandbox(name) {
  const [state, setState] = useState({ events: [] });
  const path = `/v1/sandboxes/${encodeURIComponent(name)}`;
  const look = useCallback((signal) => get(path, signal).then(
    (sandbox) => setState((before) => ({ ...before, sandbox, error: undefined })),
    (error) => signal?.aborted || setState((before) => ({ ...before, error, gone: error.status === 404 && before.sandbox !== undefined })),
  ), [path]);
  useEffect(() => {
    const stop = new AbortController();
    let fresh = [];
    let asked;
    look(stop.signal);
    follow(`${path}/events`, {
      signal: stop.signal,
      onState: (live) => setState((before) => ({ ...before, live })),
      onEvent: (event) => {
        fresh.push(event);
        asked ??= setTimeout(() => {
          const news = fresh;
          fresh = [];
          asked = undefined;
          setState((before) => ({ ...before, events: [...before.events, ...news].slice(-kept), gone: before.gone || news.some((e) => e.phase === 'deleted') }));
          look(stop.signal);
        }, 60);
      },
    });
    return () => {
      stop.abort();
      clearTimeout(asked);
    };
  }, [path]);
  return { ...state, path, reload: look };
}

const push = (s) => `mayfly login\nbuildah build -t ${s.repositoryUri}:v1 .\nbuildah push ${s.repositoryUri}:v1`;

function Timeline({ events }) {
  return html`<section class="panel"><h2>What happened</h2>
    ${events.length === 0 ? html`<${Loading} lines=${3} />` : html`<div class="scroll tall" tabindex="0" role="log" aria-live="off" aria-label="What happened"><ol class="timeline" reversed>
      ${events.toReversed().map((e, i, all) => html`${day(e.at) !== day(i ? all[i - 1].at : now()) && html`<li key=${`day-${e.seq}`} class="day">${day(e.at)}</li>`}<li key=${e.seq} class=${e.type === 'failed' || e.failure?.Error ? 'bad' : e.type.split('.')[0]}>
        <time datetime=${e.at} title=${when(e.at)}>${clock(e.at)}</time><span>${e.message}${e.failure?.Error && html` <strong>${e.failure.Error}</strong> ${e.failure.Cause}`}</span></li>`)}
    </ol></div>`}</section>`;
}

/** The release under way, or the last that was while this page is open, as its graph. */
function ReleaseFlow({ sandbox: s, path, news }) {
  const [release, setRelease] = useState();
  useEffect(() => {
    if (!s.activeRelease) return undefined;
    const stop = new AbortController();
    get(`${path}/releases/${s.activeRelease}`, stop.signal).then(setRelease, () => {}); // its page tells what is wrong
    return () => stop.abort();
  }, [path, s.activeRelease]);
  return release && html`<${Progress} key=${release.id} release=${release} news=${news} />`;
}

function Overview({ sandbox: s, path, events }) {
  const which = executionOf(s.execution);
  const last = events.at(-1)?.seq;
  const execution = useExecution(which, last);
  return html`<div class="overview"><div>
      ${s.failure?.Error && html`<${Failure} error=${{ title: s.failure.Error, detail: `${s.failure.Cause}${s.failedStep ? ` (in the step ${s.failedStep})` : ''}` }} />`}
      <${LifeNotes} sandbox=${s} />
      ${s.activeRelease && html`<p class="note">Release <a href="#/sandboxes/${s.name}/releases">${s.activeRelease}</a> is under way.</p>`}
      <${ReleaseFlow} sandbox=${s} path=${path} news=${last} />
      <${Flow} of=${execution} />
      <p class="hint"><a href="#/executions/${which?.machine}/${which?.name}">The execution with its whole history</a></p>
    </div><div>
      <section class="panel"><h2>Facts</h2><${Facts} of=${[
        ['Address', s.url && html`<a href=${s.url} target="_blank" rel="noopener noreferrer">${s.url}</a>`, 'whole'], ['Owner', s.owner],
        ['Made', html`<${Time} of=${s.createdAt} />`], ['Ready', s.readyAt && html`<${Time} of=${s.readyAt} />`], ['Time left', html`<${Time} of=${s.expiresAt} until=${left} />`],
        ['Ends with', s.endsWith], ['Live release', s.liveRelease], ['Live image', s.liveImage?.digest && `${s.liveImage.tag ?? ''} ${s.liveImage.digest.slice(0, 19)}…`],
        ['Bucket', s.bucket], ['Distribution', s.distributionId], ['Origin access', s.originAccessIdentity || s.originAccessControl], ['Repository', s.repository],
        ['Price class', s.spec.priceClass], ['Index document', s.spec.indexDocument], ['Error document', s.spec.errorDocument],
      ]} /></section>
      ${s.repositoryUri && html`<section class="panel"><h2>Push an image</h2><p class="hint">${s.spec.deploy?.target === 'none' ? 'A push deploys nothing here.' : 'What is pushed is live by itself.'}</p><${Copy} block text=${push(s)} /></section>`}
      <${Timeline} events=${events} />
    </div></div>`;
}

export function Sandbox({ at }) {
  const [name, tab = ''] = at;
  const { sandbox: s, events, error, gone, live, path, reload } = useSandbox(name);
  const [dropping, setDropping] = useState(false);
  if (gone) return html`<div class="page"><h1 tabindex="-1">${name}</h1><div class="empty"><strong>${name} is gone</strong><p>Nothing is left of it. <a href="#/audit">Who changed what</a> is still known.</p><p><a href="#/">The other sandboxes</a></p></div><${Timeline} events=${events} /></div>`;
  if (!s) return html`<div class="page"><h1 tabindex="-1">${name}</h1>${error?.status === 404 ? html`<${Empty} title=${error.title}><p>No sandbox has this name; it may be deleted already. <a href="#/">The other sandboxes</a></p></${Empty}>`
    : error ? html`<${Failure} error=${error} retry=${() => reload()} />` : html`<${Loading} lines=${8} />`}</div>`;
  const busy = s.phase === 'deleting' && 'it is being deleted';
  const site = s.spec.delivery !== 'none';
  const shown = tabs.filter(([t]) => (t !== 'content' || site) && (t !== 'images' || s.repository) && (t !== 'cost' || has('GET /v1/costs')));
  return html`<div class="page">
    <p class="crumbs"><a href="#/">Sandboxes</a></p>
    <div class="heading"><h1 tabindex="-1">${s.name}</h1><${Status} of=${s.phase} />
      ${s.step && ['provisioning', 'updating', 'deleting'].includes(s.phase) && html`<span class="hint" role="status">${s.step}</span>`}
      ${s.eta && html`<${Eta} since=${s.phase === 'provisioning' ? s.createdAt : s.stepSince} at=${s.eta} />`}
      ${live === 'lost' && html`<span class="hint bad">news is late; connecting again</span>`}
      <span class="acts">
        ${s.url && html`<a class="button" href=${s.url} target="_blank" rel="noopener noreferrer">Open the site</a>`}
        ${site && html`<${Act} route="POST /v1/sandboxes/{name}/releases" owner=${s.owner} kind="primary" blocked=${busy || (!s.acceptsReleases && (s.activeRelease ? 'a release is under way' : 'it takes no release in this phase'))} onClick=${() => setDropping(true)}>Release a folder</${Act}>`}
        <${Life} sandbox=${s} path=${path} onChange=${reload} />
      </span></div>
    ${error && html`<${Failure} error=${error} retry=${() => reload()} />`}
    <${Tabs} label="Sandbox ${s.name}" at=${tab} tabs=${shown.map(([t, title]) => [t, title, `#/sandboxes/${s.name}${t && `/${t}`}`])} />
    ${tab === 'releases' ? html`<${Releases} sandbox=${s} path=${path} news=${events.at(-1)?.seq} />`
      : tab === 'content' ? html`<${Content} sandbox=${s} path=${path} />`
      : tab === 'images' ? html`<${Images} sandbox=${s} path=${path} news=${s.liveRelease} />`
      : tab === 'usage' ? html`<${Usage} path=${path} />`
      : tab === 'cost' ? html`<${Cost} sandbox=${s} />`
      : html`<${Overview} sandbox=${s} path=${path} events=${events} />`}
    ${dropping && html`<${Drop} sandbox=${s} path=${path} onClose=${() => setDropping(false)} />`}
  </div>`;
}
