// Classes: seats by a code, seen and ended together.
import { html, useState, useEffect } from './view.js';
import { all, get } from './api.js';
import { ago, count, left, plural, usd, when } from './format.js';
import { why } from './rights.js';
import { Act, Copy, Empty, Facts, Failure, Loaded, Loading, Status, Table, useLoad } from './parts.js';
import { CreateClass, EndClass, RenewCode, UpdateClass, codes, command, finish } from './class.js';

const of = (name) => `/v1/classes/${encodeURIComponent(name)}`;
const ends = (c) => (c.endedAt ? html`ended ${ago(c.endedAt)}` : html`<time datetime=${c.expiresAt} title=${when(c.expiresAt)}>${left(c.expiresAt) === 'ended' ? `over since ${ago(c.expiresAt).replace(' ago', '')}` : `in ${left(c.expiresAt)}`}</time>`);
const spent = (seats) => seats.reduce((sum, s) => sum + Number(s.cost?.amount ?? 0), 0);
const known = (seats) => seats.some((s) => s.cost);

/** What the sandboxes of each class cost so far. The list does not tell; classes are few, and asked one by one. */
function useSpent(classes) {
  const [costs, setCosts] = useState(new Map());
  const names = (classes ?? []).filter((c) => c.taken > 0).slice(0, 50).map((c) => c.name).join(' ');
  useEffect(() => {
    const stop = new AbortController();
    (async () => {
      for (const name of names.split(' ').filter(Boolean)) {
        const one = await get(of(name), stop.signal);
        if (known(one.students ?? [])) setCosts((before) => new Map(before).set(name, spent(one.students)));
      }
    })().catch(() => {}); // the table is as good without
    return () => stop.abort();
  }, [names]);
  return costs;
}

function List() {
  const found = useLoad((signal) => all('/v1/classes', 'classes', signal), [], 5000);
  const costs = useSpent(found.data);
  const [making, setMaking] = useState(false);
  const make = (title) => html`<${Act} route="POST /v1/classes" kind="primary" onClick=${() => setMaking(true)}>${title}</${Act}>`;
  return html`<div class="page"><div class="heading"><h1 tabindex="-1">Classes</h1><span class="acts">${make('New class')}</span></div>
    <${Loaded} of=${found}>${(classes) => (classes.length === 0
      ? html`<${Empty} title="There is no class"><p>You give out a code; each student types it and has a sandbox of their own. You see all of them, and end all of them in one go.</p>${make('Make the first one')}</${Empty}>`
      : html`<${Table} caption="Classes" rows=${classes} id=${(c) => c.name} columns=${[
          ['Class', (c) => html`<a href="#/classes/${c.name}">${c.name}</a>`], ['Owner', (c) => c.owner],
          ['Seats taken', (c) => html`<span class="eta"><progress max=${c.seats} value=${c.taken} aria-label="Seats taken of ${c.name}"></progress>${count(c.taken)} of ${count(c.seats)}</span>`],
          ['Ends', ends, 'short'], ['Budget of a seat', (c) => (c.budget ? `${usd(c.budget)} a month` : 'no limit'), 'number'], ['Cost so far', (c) => usd(costs.get(c.name)), 'number'],
        ]} />`)}</${Loaded}>
    ${making && html`<${CreateClass} onClose=${() => setMaking(false)} />`}
  </div>`;
}

/** The code, for as long as the page is open after it was made. */
function Code({ name }) {
  useEffect(() => () => codes.delete(name), [name]);
  if (!codes.has(name)) return null;
  return html`<section class="panel" aria-label="The code of ${name}"><h2>Students type this</h2>
    <${Copy} block text=${command(codes.get(name))} />
    <p class="hint">It is shown this once: a new code can be made, this one can’t be looked up. Who has joined keeps the seat.</p></section>`;
}

function Seats({ of: c }) {
  const seen = (s) => !why('GET /v1/sandboxes/{name}', s.owner);
  const gone = (s) => s.phase === 'deleted';
  return html`<${Table} caption="Seats of ${c.name}" rows=${c.students} id=${(s) => s.number} columns=${[
    ['Seat', (s) => s.number, 'number'], ['Student', (s) => s.student || '–'], ['Is', (s) => (s.account ? s.owner : 'without an account')],
    ['Sandbox', (s) => (gone(s) || !seen(s) ? s.sandbox : html`<a href="#/sandboxes/${s.sandbox}">${s.sandbox}</a>`)],
    ['Phase', (s) => html`<${Status} of=${s.phase} label=${gone(s) ? 'gone' : undefined} />`],
    ['Address', (s) => (s.url && !gone(s) ? html`<a href=${s.url} target="_blank" rel="noopener noreferrer">${new URL(s.url).host.split('.')[0]}</a>` : '–')],
    ['Joined', (s) => html`<time datetime=${s.joinedAt} title=${when(s.joinedAt)}>${ago(s.joinedAt)}</time>`, 'short'], ['Cost so far', (s) => usd(s.cost?.amount), 'number'],
    ['What is wrong', (s) => html`${s.trouble}${s.failure?.Error && html`<strong>${s.failure.Error}</strong> ${s.failure.Cause}`}`, 'wide'],
  ]} />`;
}

function One({ name }) {
  const [state, setState] = useState({}); // of its end: {ending, gone, error}
  const found = useLoad((signal) => get(of(name), signal).then((c) => ({ students: [], ...c })), [name], 3000);
  const [asking, setAsking] = useState();
  const c = found.data;
  useEffect(() => {
    // Asked for once on this page, the end goes on until nothing is left.
    if (state.ending && c) finish(c).then((gone) => gone && setState({ gone: true }), (error) => setState({ ending: true, error }));
  }, [c]);
  const gone = state.gone || (state.ending && found.error?.status === 404);
  const dialog = (View) => () => setAsking(() => View);
  const done = (what) => {
    setAsking();
    if (what) setState(what);
    found.reload();
  };
  if (gone) return html`<div class="page"><h1 tabindex="-1">${name}</h1><${Empty} title="Class ${name} has ended"><p>Nothing is left of it. <a href="#/audit">Who changed what</a> is still known.</p><p><a href="#/classes">The other classes</a></p></${Empty}></div>`;
  if (!c) return html`<div class="page"><h1 tabindex="-1">${name}</h1>${found.error ? html`<${Failure} error=${found.error} retry=${found.reload} />` : html`<${Loading} lines=${6} />`}</div>`;
  const over = c.endedAt && 'it has ended';
  const there = c.students.filter((s) => s.phase !== 'deleted').length;
  const View = asking;
  return html`<div class="page"><p class="crumbs"><a href="#/classes">Classes</a></p>
    <div class="heading"><h1 tabindex="-1">${c.name}</h1><${Status} of=${over || left(c.expiresAt) === 'ended' ? 'waiting' : 'ready'} label=${over ? 'ended' : left(c.expiresAt) === 'ended' ? 'over' : 'open'} />
      <span class="acts">
        <${Act} route="POST /v1/classes/{class}/code" owner=${c.owner} blocked=${over} onClick=${dialog(RenewCode)}>New code</${Act}>
        <${Act} route="PATCH /v1/classes/{class}" owner=${c.owner} blocked=${over} onClick=${dialog(UpdateClass)}>Change</${Act}>
        <${Act} route="DELETE /v1/classes/{class}" owner=${c.owner} kind="danger" onClick=${dialog(EndClass)}>${over ? 'Go on ending it' : 'End it'}</${Act}></span></div>
    ${found.error && html`<${Failure} error=${found.error} retry=${found.reload} />`}
    ${state.error && html`<${Failure} error=${state.error} />`}
    ${over && html`<p class="note" role="status">${plural(c.taken - there, 'sandbox', 'sandboxes')} of ${count(c.taken)} gone${state.ending ? '' : '; “Go on ending it” asks again for what is left'}.</p>`}
    <${Code} name=${c.name} />
    <section class="panel"><h2>Facts</h2><${Facts} of=${[
      ['Owner', c.owner], ['Seats taken', `${count(c.taken)} of ${count(c.seats)}`], ['Ends', ends(c)], ['Budget of a seat', c.budget ? `${usd(c.budget)} a month` : 'no limit'],
      ['All seats may cost', c.budget && `${usd(c.budget * c.seats)} a month`], ['Cost so far', known(c.students) ? `${usd(spent(c.students))}, as estimated last` : 'not estimated yet'], ['Made', html`<time datetime=${c.createdAt} title=${when(c.createdAt)}>${ago(c.createdAt)}</time>`],
    ]} /></section>
    ${c.students.length ? html`<${Seats} of=${c} />` : html`<${Empty} title="Nobody has joined yet"><p>Students type <code>mayfly join</code> and the code. The code is shown when it is made; “New code” makes another.</p></${Empty}>`}
    ${View && html`<${View} of=${c} onClose=${done} />`}
  </div>`;
}

export function Classes({ at }) {
  const refused = why('GET /v1/classes');
  if (refused) return html`<div class="page"><h1 tabindex="-1">Classes</h1><${Empty} title="Classes are not yours to see"><p>${refused}. Your own sandbox is <a href="#/">here</a>.</p></${Empty}></div>`;
  return at[0] ? html`<${One} key=${at[0]} name=${at[0]} />` : html`<${List} />`;
}
