// All executions, by machine and status; one opens as graph and history.
import { html, useState } from './view.js';
import { get } from './api.js';
import { ago, duration, when, pretty } from './format.js';
import { me, why } from './rights.js';
import { Empty, Facts, Loaded, Status, Table, useLoad } from './parts.js';
import { Flow, useExecution } from './flow.js';

const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

function One({ machine, name }) {
  const found = useExecution({ machine, name });
  const e = found.execution;
  return html`<div class="page"><p class="crumbs"><a href="#/executions">Executions</a> / <a href="#/executions/${machine}">${machine}</a></p>
    <div class="heading"><h1 tabindex="-1" class="mono">${name}</h1>${e && html`<${Status} of=${e.status} />`}</div>
    ${e && html`<${Facts} of=${[['Machine', machine], ['Sandbox', e.sandbox && html`<a href="#/sandboxes/${e.sandbox}">${e.sandbox}</a>`], ['Started', when(e.startedAt)], ['Ended', e.stoppedAt && when(e.stoppedAt)]]} />`}
    <${Flow} of=${found} history />
    ${e && html`<details class="panel"><summary>Input</summary><pre tabindex="0">${pretty(e.input)}</pre></details>`}
    ${e?.output && html`<details class="panel"><summary>Output</summary><pre tabindex="0">${pretty(e.output)}</pre></details>`}
  </div>`;
}

function Of({ machine }) {
  const [status, setStatus] = useState('');
  const [limit, setLimit] = useState(50);
  const found = useLoad((signal) => get(`/v1/machines/${machine}/executions?limit=${limit}${status && `&status=${status}`}`, signal), [machine, status, limit], 3000);
  return html`<div class="filters"><label>Status <select value=${status} onChange=${(e) => setStatus(e.target.value)}><option value="">every status</option>${statuses.map((s) => html`<option value=${s}>${s.toLowerCase().replace('_', ' ')}</option>`)}</select></label></div>
    <${Loaded} of=${found}>${(page) => (page.executions.length === 0
      ? html`<${Empty} title="There is none"><p>${status ? `No execution of ${machine} is ${status.toLowerCase().replace('_', ' ')}.` : `${machine} has not run yet.`}</p></${Empty}>`
      : html`<${Table} caption="Executions of ${machine}" rows=${page.executions} id=${(e) => e.name} columns=${[
          ['Execution', (e) => html`<a class="mono" href="#/executions/${machine}/${e.name}">${e.name}</a>`], ['Status', (e) => html`<${Status} of=${e.status} />`],
          ['Started', (e) => html`<time datetime=${e.startedAt} title=${when(e.startedAt)}>${ago(e.startedAt)}</time>`],
          ['Took', (e) => (e.stoppedAt ? duration(Date.parse(e.stoppedAt) - Date.parse(e.startedAt)) : '–'), 'number'],
        ]} />
        ${page.next && limit < 1000 && html`<button type="button" onClick=${() => setLimit(Math.min(limit * 4, 1000))}>Show more</button>`}`)}</${Loaded}>`;
}

export function Executions({ at }) {
  const machines = useLoad((signal) => get('/v1/machines', signal).then((a) => a.machines), []);
  if (at[1]) return html`<${One} machine=${at[0]} name=${at[1]} />`;
  const refused = why('GET /v1/machines/{machine}/executions');
  return html`<div class="page"><h1 tabindex="-1">Executions</h1>
    ${refused ? html`<${Empty} title="Executions are not yours to list"><p>${refused}. Those of your own sandboxes are on their pages, ${me().name}.</p></${Empty}>`
      : html`<${Loaded} of=${machines}>${(list) => {
        const shown = at[0] ?? (list.find((m) => m.name === 'provision') ?? list[0])?.name;
        return list.length === 0 ? html`<${Empty} title="There is no state machine" />`
          : html`<nav class="tabs" aria-label="State machines">${list.map((m) => html`<a href="#/executions/${m.name}" aria-current=${m.name === shown ? 'page' : undefined}>${m.name}</a>`)}</nav><${Of} key=${shown} machine=${shown} />`;
      }}</${Loaded}>`}
  </div>`;
}
