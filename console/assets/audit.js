// Who changed what.
import { html, useState } from './view.js';
import { get } from './api.js';
import { exact, when } from './format.js';
import { Empty, Loaded, Table, useLoad } from './parts.js';

/** Amounts of money come with nine decimals. */
const said = (text) => (/^\d+\.\d{9}$/.test(text) ? exact(text) : text);

function Change({ of: e }) {
  const fields = [...new Set([...Object.keys(e.before ?? {}), ...Object.keys(e.after ?? {})])].sort();
  return html`${e.error && html`<strong>${e.error}</strong> `}${fields.map((f) => html`<span class="change">${f} ${e.before?.[f] && html`<del>${said(e.before[f])}</del> `}${e.after?.[f] && html`<ins>${said(e.after[f])}</ins>`}</span> `)}`;
}

export function Audit() {
  const [sandbox, setSandbox] = useState('');
  const [limit, setLimit] = useState(100);
  const found = useLoad((signal) => get(`/v1/audit?limit=${limit}${sandbox && `&sandbox=${encodeURIComponent(sandbox)}`}`, signal), [sandbox, limit]);
  return html`<div class="page"><h1 tabindex="-1">Audit</h1>
    <form class="filters" onSubmit=${(e) => { e.preventDefault(); setSandbox(new FormData(e.target).get('sandbox').trim()); }}>
      <label class="grow">Sandbox <input name="sandbox" type="search" placeholder="all; also one that is gone" /></label><button>Show</button></form>
    <${Loaded} of=${found}>${(page) => (page.entries.length === 0 ? html`<${Empty} title="Nothing was changed"><p>Entries are kept for 90 days.</p></${Empty}>`
      : html`<${Table} caption="Who changed what" rows=${page.entries} id=${(e) => e.id} columns=${[
        ['When', (e) => when(e.at), 'short'], ['Action', (e) => e.action], ['Sandbox', (e) => e.sandbox ?? '–', 'short'], ['Who', (e) => html`<span title=${[e.address, e.userAgent].filter(Boolean).join(', ')}>${e.principal}</span>`],
        ['Change', (e) => html`<${Change} of=${e} />`, 'wide'],
      ]} />${page.next && limit < 1000 && html`<button type="button" onClick=${() => setLimit(1000)}>Show more</button>`}`)}</${Loaded}></div>`;
}
