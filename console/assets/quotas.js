// How much of AWS's quotas is in use, and when they are used up.
import { html } from './view.js';
import { get } from './api.js';
import { count, day, when } from './format.js';
import { Copy, Empty, Loaded, Status, Table, useLoad } from './parts.js';

const state = (q) => (q.full ? ['failed', 'nothing new is made'] : q.unknown ? ['waiting', 'unknown'] : q.percent >= 80 ? ['warn', 'nearly used up'] : ['keep', 'fine']);

export function Quotas() {
  const found = useLoad((signal) => get('/v1/quotas', signal), [], 60_000);
  return html`<div class="page"><h1 tabindex="-1">Quotas</h1>
    <p class="hint">AWS’s quotas that bound how many sandboxes there can be. Nothing new is made above 90 % of one.</p>
    <${Loaded} of=${found}>${(page) => (page.quotas.length === 0 ? html`<${Empty} title="No quota is known" />` : html`
      <${Table} caption="Quotas" rows=${page.quotas} id=${(q) => q.code} columns=${[
        ['Quota', (q) => q.name], ['Of', (q) => q.service], ['State', (q) => html`<${Status} of=${state(q)[0]} label=${state(q)[1]} title=${q.unknown} />`],
        ['In use', (q) => (q.used === undefined || q.limit === undefined ? '–' : html`<span class="eta"><progress max="100" value=${Math.min(q.percent ?? 0, 100)} aria-label="Used of ${q.name}"></progress>${q.percent ?? 0} %</span>`)],
        ['Used', (q) => (q.used === undefined ? '–' : count(q.used)), 'number'], ['Limit', (q) => (q.limit === undefined ? '–' : count(q.limit)), 'number'],
        ['More a day', (q) => (q.perDay === undefined ? '–' : q.perDay.toFixed(1)), 'number'], ['Used up', (q) => (q.fullAt ? day(q.fullAt) : 'not, as things go'), 'short'],
        ['To raise it', (q) => html`<${Copy} text=${q.raise} />`, 'wide'],
      ]} /><p class="hint">As of ${when(page.at)}.</p>`)}</${Loaded}></div>`;
}
