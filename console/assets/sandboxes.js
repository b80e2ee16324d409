// All sandboxes: a table that stays quick with ten thousand of them.
import { html, useState, useEffect, useMemo, useRef } from './view.js';
import { all, pages } from './api.js';
import { has } from './rights.js';
import { ago, left, count, plural, usd, when } from './format.js';
import { Rows } from './rows.js';
import { Act, Copy, Empty, Failure, Loading, Status, useTick } from './parts.js';

export const phases = ['provisioning', 'ready', 'updating', 'sleeping', 'deleting', 'failed'];
// Not by the language's rules: those take four times as long, and names are ASCII.
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const text = (of) => (a, b) => compare(of(a), of(b));
const far = '9999';

const activityOf = ({ lastActivity: a }) => (a.readAt ? `${a.kind}, ${when(a.at)}; requests and pulls were looked at ${ago(a.readAt)}` : `${a.kind}, ${when(a.at)}; requests and pulls were not looked at yet`);

const columns = [
  { key: 'name', title: 'Name', cell: (s) => s.name, sort: text((s) => s.name), kind: 'name' },
  { key: 'phase', title: 'Phase', cell: (s) => html`<${Status} of=${s.phase} title=${s.failure?.Cause} />`, sort: text((s) => s.phase), kind: 'phase' },
  { key: 'owner', title: 'Owner', cell: (s) => s.owner, sort: text((s) => s.owner) },
  { key: 'address', title: 'Address', kind: 'address', cell: (s) => (s.url ? html`<a class="outside" href=${s.url} target="_blank" rel="noopener noreferrer" tabindex="-1">${new URL(s.url).host.split('.')[0]}</a>` : s.repositoryUri ? 'repository alone' : '–'), sort: text((s) => s.url ?? '') },
  { key: 'age', title: 'Age', kind: 'number', cell: (s) => ago(s.createdAt).replace(' ago', ''), sort: text((s) => s.createdAt) },
  { key: 'activity', title: 'Last activity', kind: 'number', cell: (s) => html`<span title=${activityOf(s)}>${s.lastActivity.readAt ? ago(s.lastActivity.at) : 'unknown yet'}</span>`, sort: text((s) => (s.lastActivity.readAt ? s.lastActivity.at : '')) },
  { key: 'left', title: 'Time left', kind: 'number', cell: (s) => left(s.expiresAt), sort: text((s) => s.expiresAt ?? far) },
];

/** What each costs this month so far, by its id; empty where the API tells no costs. */
function useCosts() {
  const [costs, setCosts] = useState(new Map());
  useEffect(() => {
    if (!has('GET /v1/costs')) return undefined;
    const stop = new AbortController();
    all('/v1/costs', 'costs', stop.signal).then((found) => setCosts(new Map(found.map((c) => [c.sandboxId, Number(c.amount)]))), () => {}); // the table is as good without
    return () => stop.abort();
  }, []);
  return costs;
}

/** The sandboxes so far, and whether there are more to come. */
function useSandboxes() {
  const [state, setState] = useState({ rows: [], loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let timer;
    (async () => {
      const rows = [];
      try {
        // A small page first, so that there is something to see at once.
        for await (const page of pages('/v1/sandboxes', 'sandboxes', { first: turn ? 1000 : 100, signal: stop.signal })) {
          rows.push(...page);
          if (!turn) {
            setState({ rows: [...rows], loading: true });
            if (rows.length === page.length) requestAnimationFrame(() => performance.mark('mayfly-rows'));
          }
        }
        setState({ rows, loading: false });
      } catch (error) {
        if (stop.signal.aborted) return;
        setState((before) => ({ ...before, error, loading: false }));
      }
      // Ten thousand cost the API ten requests: those are asked for less often.
      timer = setTimeout(() => setTurn((n) => n + 1), rows.length > 1000 ? 60_000 : 5000);
    })();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [turn]);
  return { ...state, reload: () => setTurn((n) => n + 1) };
}

export function Sandboxes() {
  const found = useSandboxes();
  const [search, setSearch] = useState('');
  const [owner, setOwner] = useState('');
  const [phase, setPhase] = useState('');
  const [order, setOrder] = useState({ key: 'name', down: false });
  const [creating, setCreating] = useState();
  const costs = useCosts();
  const shownColumns = useMemo(() => (costs.size ? [...columns, { key: 'cost', title: 'Cost so far', kind: 'number', cell: (s) => usd(costs.get(s.id)), sort: (a, b) => (costs.get(a.id) ?? 0) - (costs.get(b.id) ?? 0) }] : columns), [costs]);
  const field = useRef();
  useTick(1000, found.rows.length < 1000);

  useEffect(() => {
    const slash = (event) => {
      if (event.key !== '/' || event.target.closest('input, select, textarea, dialog')) return;
      event.preventDefault();
      field.current.focus();
    };
    addEventListener('keydown', slash);
    return () => removeEventListener('keydown', slash);
  }, []);

  const owners = useMemo(() => [...new Set(found.rows.map((s) => s.owner))].sort(), [found.rows]);
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const { sort } = shownColumns.find((c) => c.key === order.key);
    const rows = found.rows.filter((s) => (!owner || s.owner === owner) && (!phase || s.phase === phase) && words.every((w) => s.name.includes(w) || s.owner.toLowerCase().includes(w) || s.url?.includes(w)));
    if (order.key !== 'name' || order.down) rows.sort(sort); // the API's own order is that of the names
    return order.down ? rows.reverse() : rows;
  }, [found.rows, search, owner, phase, order, shownColumns]);
  const filtered = search || owner || phase;
  const clear = () => {
    setSearch('');
    setOwner('');
    setPhase('');
  };
  const create = () => import('./create.js').then((m) => setCreating(() => m.Create));

  return html`<div class="page full">
    <div class="heading"><h1 tabindex="-1">Sandboxes</h1>
      <${Act} route="POST /v1/sandboxes" kind="primary" onClick=${create}>New sandbox</${Act}></div>
    <search class="filters">
      <label class="grow"><span class="unseen">Search</span><input ref=${field} type="search" placeholder="Search by name, owner or address  ( / )" value=${search} onInput=${(e) => setSearch(e.target.value)} /></label>
      <label><span class="unseen">Owner</span><select value=${owner} onChange=${(e) => setOwner(e.target.value)}><option value="">every owner</option>${owners.map((o) => html`<option key=${o}>${o}</option>`)}</select></label>
      <label><span class="unseen">Phase</span><select value=${phase} onChange=${(e) => setPhase(e.target.value)}><option value="">every phase</option>${phases.map((p) => html`<option key=${p}>${p}</option>`)}</select></label>
      <output class="count">${filtered ? `${count(shown.length)} of ${plural(found.rows.length, 'sandbox', 'sandboxes')}` : plural(found.rows.length, 'sandbox', 'sandboxes')}${found.loading && found.rows.length ? ', more are coming' : ''}</output>
    </search>
    ${found.error && html`<${Failure} error=${found.error} retry=${found.reload} />`}
    ${found.rows.length === 0
      ? found.loading ? html`<${Loading} lines=${8} />` : !found.error && html`<${Empty} title="There is no sandbox yet">
          <p>A sandbox is a site of its own: a bucket, a distribution and a repository, made by one request and taken away by another.</p>
          <${Act} route="POST /v1/sandboxes" kind="primary" onClick=${create}>Make the first one</${Act}>
          <p class="hint">or, with its content, in a terminal:</p><${Copy} block text="mayfly create hello --dir ./site --wait" /></${Empty}>`
      : shown.length === 0 ? html`<${Empty} title="Nothing fits"><button type="button" onClick=${clear}>Show all again</button></${Empty}>`
      : html`<${Rows} caption="Sandboxes" columns=${shownColumns} rows=${shown} id=${(s) => s.id} order=${order} onOrder=${setOrder} href=${(s) => `#/sandboxes/${encodeURIComponent(s.name)}`} />`}
    ${creating && html`<${creating} onClose=${() => setCreating()} />`}
  </div>`;
}
