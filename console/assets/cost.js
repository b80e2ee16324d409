// What one sandbox costs, item by item.
import { html } from './view.js';
import { get, request } from './api.js';
import { exact, usd, when } from './format.js';
import { Act, Empty, Facts, Loaded, Table, useLoad } from './parts.js';

/** Brings the estimates of an owner's sandboxes up to date, or of all; a page at a time. */
export async function meter(owner) {
  let next;
  do {
    ({ next } = await request('POST', '/v1/costs', { ...(owner && { owner }), ...(next && { next }) }));
  } while (next);
}

export function Cost({ sandbox: s }) {
  const found = useLoad((signal) => get(`/v1/costs?sandbox=${encodeURIComponent(s.name)}&lines=true`, signal), [s.name], 30_000);
  return html`<${Loaded} of=${found}>${(page) => {
    const cost = page.costs.find((c) => c.sandboxId === s.id);
    if (!cost) return html`<${Empty} title="Nothing is estimated yet"><p>Estimates are made each night, and when somebody asks.</p><${Act} route="POST /v1/costs" owner=${s.owner} onClick=${() => meter(s.owner).then(found.reload)}>Estimate it now</${Act}></${Empty}>`;
    return html`<${Facts} of=${[['This month so far', usd(cost.amount)], ['Forecast to the month’s end', usd(cost.forecast)], ['Saved by sleep', usd(cost.saved)], ['AWS bills', cost.billed && usd(cost.billed)], ['Metered until', when(cost.until)]]} />
      ${cost.unknown.length > 0 && html`<div class="note">Not everything could be metered: ${cost.unknown.join('; ')}.</div>`}
      <${Table} caption="What ${s.name} costs, item by item" rows=${cost.lines ?? []} id=${(l) => l.item} columns=${[
        ['Item', (l) => l.label], ['Quantity', (l) => `${exact(l.quantity)}${/^\d/.test(l.unit) ? ' ×' : ''} ${l.unit}`, 'number'], ['Price of one', (l) => `$${exact(l.each)}`, 'number'],
        ['So far', (l) => usd(l.amount, true), 'number'], ['Forecast', (l) => usd(l.forecast, true), 'number'], ['Free in an account', (l) => l.free ?? ''], ['Note', (l) => l.note ?? '', 'wide'],
      ]} />
      <p class="hint">Estimates from AWS’s list prices as of ${page.prices}. ${(page.warnings ?? []).join(' ')}</p>`;
  }}</${Loaded}>`;
}
