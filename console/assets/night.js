// The night: what tonight will do and why, what the last nights did and saved.
import { html, useState } from './view.js';
import { all, get, request } from './api.js';
import { ago, count, duration, moment, plural, usd, when } from './format.js';
import { Act, Dialog, Empty, Facts, Loaded, Status, Table, Tabs, useLoad } from './parts.js';

const acts = { warn: 'warned', sleep: 'put to sleep', teardown: 'torn down', quarantine: 'set aside' };

/** What is decided about sandboxes, those that are kept last. */
function Decisions({ decisions, caption, done }) {
  const [act, setAct] = useState('');
  const counts = Map.groupBy(decisions, (d) => d.act);
  const shown = decisions.filter((d) => !act || d.act === act).toSorted((a, b) => (a.act === 'keep') - (b.act === 'keep')).slice(0, 500);
  return html`<div class="filters"><label>Show <select value=${act} onChange=${(e) => setAct(e.target.value)}><option value="">everything</option>
      ${[...counts].map(([name, of]) => html`<option value=${name}>${name} (${count(of.length)})</option>`)}</select></label>
      <output class="count">${plural(decisions.length, 'sandbox', 'sandboxes')}${shown.length < decisions.length && !act ? `, the first ${shown.length} shown` : ''}</output></div>
    <${Table} caption=${caption} rows=${shown} id=${(d) => d.id} columns=${[
      ['Sandbox', (d) => html`<a href="#/sandboxes/${d.name}">${d.name}</a>`, 'short'], ['Owner', (d) => d.owner], ['Decision', (d) => html`<${Status} of=${d.act === 'quarantine' ? 'quarantined' : d.act} label=${d.act} />`],
      ['Why', (d) => d.reason, 'wide'], ['Next', (d) => (d.next ? html`${d.next}${d.due && html`, not before <time datetime=${d.due}>${moment(d.due)}</time>`}` : '–'), 'short'],
      ...(done ? [['What came of it', (d) => html`${d.outcome}${d.failure && html` <strong>${d.failure}</strong>`}`]] : []),
    ]} />`;
}

function Tonight() {
  const found = useLoad((signal) => all('/v1/nights/tonight', 'decisions', signal), []);
  return html`<p class="hint">What a night would do now. Nothing is done by looking. <button type="button" class="link" onClick=${found.reload}>Look again</button></p>
    <${Loaded} of=${found}>${(decisions) => {
      if (!decisions.length) return html`<${Empty} title="There is nothing to decide about"><p>There is no sandbox.</p></${Empty}>`;
      const busy = decisions.filter((d) => d.act !== 'keep');
      return html`<p class="note">${busy.length === 0 ? `Nothing would be done: ${plural(decisions.length, 'sandbox', 'sandboxes')} kept.`
        : `${Object.entries(acts).map(([name, done]) => [busy.filter((d) => d.act === name).length, done]).filter(([n]) => n).map(([n, done]) => `${plural(n, 'sandbox', 'sandboxes')} would be ${done}`).join(', ')}; the others would be kept.`}</p>
        <${Decisions} decisions=${decisions} caption="What tonight would do" />`;
    }}</${Loaded}>`;
}

/** A count that is seen when it is not zero. */
const few = (n) => (n ? count(n) : html`<span class="hint">${n ?? '–'}</span>`);
const saved = (n) => (n.savedMicroUSD === undefined ? '–' : `${usd(n.savedMicroUSD / 1e6)} a month`);
const status = (n) => html`<${Status} of=${{ deciding: 'running', settling: 'running', done: 'done', broken: 'failed' }[n.status]} label=${n.status} />`;

function One({ id }) {
  const night = useLoad((signal) => get(`/v1/nights/${encodeURIComponent(id)}`, signal), [id], 3000);
  const decisions = useLoad((signal) => all(`/v1/nights/${encodeURIComponent(id)}/decisions`, 'decisions', signal), [id, night.data?.status]);
  return html`<${Loaded} of=${night}>${(n) => html`<section class="panel"><div class="heading"><h2>The night of ${moment(n.startedAt)}</h2>${status(n)}</div>
      <${Facts} of=${[['Begun by', n.by], ['Took', n.endedAt && duration(Date.parse(n.endedAt) - Date.parse(n.startedAt))], ['Saved', saved(n)], ['Orphans', n.orphans], ['Ended well', count(n.counts.ended)], ['Failed', count(n.counts.failed)], ['Still under way', count(n.counts.open)],
        ['Execution', n.execution && html`<a href="#/executions/nightly/${n.execution.split(':').pop()}">its graph and history</a>`]]} />
      ${n.troubles.map((t) => html`<p class="note warn">${t}</p>`)}</section>`}</${Loaded}>
    <${Loaded} of=${decisions}>${(list) => (list.length ? html`<${Decisions} decisions=${list} caption="What the night decided" done />` : html`<${Empty} title="Every sandbox was kept" />`)}</${Loaded}>`;
}

function Nights() {
  const found = useLoad((signal) => get('/v1/nights?limit=100', signal).then((page) => page.nights), [], 5000);
  return html`<${Loaded} of=${found}>${(nights) => (nights.length === 0 ? html`<${Empty} title="There was no night yet"><p>The first one is tonight; or begin one now.</p></${Empty}>`
    : html`<${Table} caption="Nights" rows=${nights} id=${(n) => n.id} columns=${[
      ['Began', (n) => html`<a href="#/night/${n.id}"><time datetime=${n.startedAt} title=${ago(n.startedAt)}>${moment(n.startedAt)}</time></a>`, 'short'], ['Status', status], ['Begun by', (n) => n.by],
      ['Sandboxes', (n) => count(n.counts.seen), 'number'], ['Warned', (n) => few(n.counts.warned), 'number'], ['Asleep', (n) => few(n.counts.sleep), 'number'], ['Torn down', (n) => few(n.counts.teardown), 'number'],
      ['Failed', (n) => few(n.counts.failed), 'number'], ['Set aside', (n) => few(n.counts.quarantined), 'number'], ['Orphans', (n) => few(n.orphans), 'number'], ['Saved', saved, 'number'],
    ]} />`)}</${Loaded}>`;
}

export function Night({ at }) {
  const [asking, setAsking] = useState(false);
  const [tab = ''] = at;
  return html`<div class="page"><div class="heading"><h1 tabindex="-1">The night</h1><span class="acts"><${Act} route="POST /v1/nights" kind="danger" onClick=${() => setAsking(true)}>Begin one now</${Act}></span></div>
    <${Tabs} label="The night" at=${tab === '' || tab === 'past' ? tab : 'past'} tabs=${[['', 'Tonight', '#/night'], ['past', 'The last nights', '#/night/past']]} />
    ${tab === '' ? html`<${Tonight} />` : tab === 'past' ? html`<${Nights} />` : html`<p class="crumbs"><a href="#/night/past">The last nights</a></p><${One} key=${tab} id=${tab} />`}
    ${asking && html`<${Dialog} title="Begin a night now" act="Begin it" danger onClose=${() => setAsking(false)} onAct=${() => request('POST', '/v1/nights').then(() => { location.hash = '#/night/past'; })}>
      <p>What “Tonight” shows is done at once: people are warned, idle sandboxes are put to sleep, and what slept long enough is torn down for good. While a night is under way, no other begins.</p></${Dialog}>`}
  </div>`;
}
