// Money by owner and month, budgets and forecast.
import { html, useState } from './view.js';
import { all, get, now, request } from './api.js';
import { moment, plural, usd } from './format.js';
import { me } from './rights.js';
import { meter } from './cost.js';
import { Act, Dialog, Empty, Loaded, Status, Table, act, useLoad } from './parts.js';

/** The month so many before this one, as YYYY-MM. */
const month = (before) => {
  const day = new Date(now());
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - before, 1)).toISOString().slice(0, 7);
};

const months = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });

// Amounts have nine decimals: whole nano-dollars are added without drifting.
const nano = (text) => {
  const [whole, part = ''] = (text ?? '0').replace('-', '').split('.');
  const n = BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0').slice(0, 9));
  return text?.startsWith('-') ? -n : n;
};
const sum = (costs, key) => Number(costs.reduce((total, c) => total + nano(c[key]), 0n)) / 1e9;

function byOwner(costs) {
  const owners = Map.groupBy(costs, (c) => c.owner);
  return [...owners].map(([owner, of]) => ({ owner, of, amount: sum(of, 'amount'), forecast: sum(of, 'forecast'), saved: sum(of, 'saved') })).sort((a, b) => b.amount - a.amount);
}

function Budget({ owner, limit, onClose }) {
  const set = (form) => {
    const to = form.get('limit').trim();
    const path = `/v1/budgets/${encodeURIComponent(form.get('owner')?.trim() || owner)}`;
    return to ? request('PUT', path, { limit: to }) : request('DELETE', path);
  };
  return html`<${Dialog} title=${owner ? `The budget of ${owner}` : 'A budget for an owner'} act="Set it" onAct=${set} onClose=${onClose}>
    <p>At 80 % the owner is warned. At 100 % nothing new is made for it, and its idle sandboxes go to sleep.</p>
    ${!owner && html`<label>Owner <input name="owner" autofocus required autocomplete="off" /></label>`}
    <label>USD a month; empty for none <input name="limit" inputmode="decimal" autocomplete="off" defaultValue=${limit ? Number(limit) : ''} /></label></${Dialog}>`;
}

export function Money() {
  const [which, setWhich] = useState(() => month(0));
  const [setting, setSetting] = useState();
  const costs = useLoad(async (signal) => {
    const first = await get(`/v1/costs?month=${which}&limit=1`, signal);
    return { prices: first.prices, warnings: first.warnings ?? [], costs: await all(`/v1/costs?month=${which}`, 'costs', signal) };
  }, [which]);
  const budgets = useLoad((signal) => all('/v1/budgets', 'budgets', signal), []);
  const refresh = () => meter().then(() => {
    costs.reload();
    budgets.reload();
  });
  return html`<div class="page"><div class="heading"><h1 tabindex="-1">Money</h1>
      <label class="choice">Month <select value=${which} onChange=${(e) => setWhich(e.target.value)}>${[0, 1, 2, 3, 4, 5].map((n) => html`<option value=${month(n)}>${months.format(new Date(month(n)))}</option>`)}</select></label>
      <span class="acts"><${Act} route="POST /v1/costs" owner=${me().name} onClick=${refresh}>Bring up to date</${Act}></span></div>
    <${Loaded} of=${costs}>${(page) => html`
      ${page.warnings.map((w) => html`<p class="note warn">${w}</p>`)}
      ${page.costs.length === 0 ? html`<${Empty} title="Nothing is estimated for ${months.format(new Date(which))}"><p>Estimates are made each night, and when they are brought up to date.</p></${Empty}>` : html`
        <div class="figures">${[['So far', 'amount'], ['Forecast', 'forecast'], ['Saved by sleep', 'saved']].map(([title, key]) => html`<div class="panel"><span class="hint">${title}</span><strong>${usd(sum(page.costs, key))}</strong></div>`)}</div>
        <${Table} caption="What owners’ sandboxes cost in ${months.format(new Date(which))}" rows=${byOwner(page.costs)} id=${(o) => o.owner} columns=${[
          ['Owner', (o) => o.owner], ['Sandboxes', (o) => html`<details><summary>${plural(o.of.length, 'sandbox', 'sandboxes')}</summary><ul>${o.of.slice(0, 100).map((c) => html`<li>${c.ended ? c.sandbox : html`<a href="#/sandboxes/${c.sandbox}/cost">${c.sandbox}</a>`} ${usd(c.amount)}${c.ended && ', gone'}</li>`)}</ul></details>`, 'short'],
          ['So far', (o) => usd(o.amount), 'number'], ['Forecast', (o) => usd(o.forecast), 'number'], ['Saved', (o) => usd(o.saved), 'number'],
        ]} />`}
      <p class="hint">Estimates from AWS’s list prices as of ${page.prices}; the free tiers of the account are not taken off.</p>`}</${Loaded}>
    <section class="panel"><div class="heading"><h2>Budgets</h2><span class="acts"><${Act} route="PUT /v1/budgets/{owner}" onClick=${() => setSetting({})}>Set a budget</${Act}></span></div>
      <${Loaded} of=${budgets}>${(list) => (list.length === 0 ? html`<p class="hint">No owner has a budget.</p>` : html`<${Table} caption="Budgets" rows=${list} id=${(b) => b.owner} columns=${[
        ['Owner', (b) => b.owner], ['State', (b) => html`<${Status} of=${{ fine: 'keep', warn: 'warn', over: 'failed' }[b.state]} label=${b.state} />`],
        ['Used', (b) => html`<span class="eta"><progress max="100" value=${Math.min(b.percent, 100)} aria-label="Used of ${b.owner}’s budget"></progress>${b.percent} %</span>`],
        ['Spent', (b) => usd(b.spent), 'number'], ['Forecast', (b) => usd(b.forecast), 'number'], ['Limit', (b) => usd(b.limit), 'number'], ['Set', (b) => (b.at ? `${b.by ?? ''}, ${moment(b.at)}` : ''), 'short'],
        [act, (b) => html`<${Act} route="PUT /v1/budgets/{owner}" aria-label="Change the budget of ${b.owner}" onClick=${() => setSetting(b)}>Change</${Act}>`],
      ]} />`)}</${Loaded}></section>
    ${setting && html`<${Budget} owner=${setting.owner} limit=${setting.limit} onClose=${() => { setSetting(); budgets.reload(); }} />`}
  </div>`;
}
