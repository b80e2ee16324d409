// What the account holds and no record has, and the other way round.
import { html, useState } from './view.js';
import { get, request } from './api.js';
import { ago, count, plural, when } from './format.js';
import { Act, Dialog, Empty, Loaded, Status, Table, useLoad } from './parts.js';

export function Orphans() {
  const [run, setRun] = useState('');
  const [fixing, setFixing] = useState(false);
  // A comparison under way is looked at again until it has ended.
  const found = useLoad((signal) => get(`/v1/orphans${run && `?run=${encodeURIComponent(run)}`}`, signal).catch((error) => {
    if (error.status === 404) return null; // none was made yet
    throw error;
  }), [run], 3000);
  const search = (fix) => request('POST', '/v1/orphans', { fix }).then((report) => setRun(report.run));
  const proven = (found.data?.orphans ?? []).filter((o) => o.proven && o.in === 'account' && !o.state);
  return html`<div class="page"><div class="heading"><h1 tabindex="-1">Orphans</h1><span class="acts">
      <${Act} route="POST /v1/orphans" onClick=${() => search(false)}>Compare now</${Act}>
      <${Act} route="POST /v1/orphans" kind="danger" blocked=${proven.length === 0 && 'nothing is proven to be this installation’s'} onClick=${() => setFixing(true)}>Tear down what is proven</${Act}></span></div>
    <${Loaded} of=${found}>${(r) => (r === null ? html`<${Empty} title="Nothing was compared yet"><p>Each night compares what the account holds with what the records say; so does “Compare now”.</p></${Empty}>` : html`
      <p class="hint"><${Status} of=${r.status} /> ${r.at ? html`<time datetime=${r.at} title=${when(r.at)}>${ago(r.at)}</time>` : ''}: the account holds ${count(r.held)} buckets, distributions, origin accesses and repositories, ${count(r.recorded)} of which are in the records.</p>
      ${(r.troubles ?? []).length > 0 && html`<div class="note warn">Not everything could be looked at: ${r.troubles.join('; ')}.</div>`}
      ${r.orphans.length === 0 ? r.status !== 'running' && html`<${Empty} title="There is none"><p>All that Mayfly made has its record, and all that a record names is there.</p></${Empty}>` : html`<${Table} caption="Orphans" rows=${r.orphans} id=${(o) => o.kind + o.id} columns=${[
        ['Kind', (o) => o.kind], ['What', (o) => html`<span class="mono">${o.id}</span>`], ['Says to be of', (o) => o.sandbox ?? '–'], ['Is in', (o) => `the ${o.in} alone`],
        ['Proven', (o) => html`<${Status} of=${o.proven ? 'keep' : 'waiting'} label=${o.proven ? 'proven ours' : 'not proven'} />`],
        ['Why', (o) => o.why, 'wide'], ['What became of it', (o) => ({ tornDown: 'torn down', left: 'left' })[o.state] ?? '–'],
      ]} />${r.more > 0 && html`<p class="hint">and ${count(r.more)} more</p>`}`}`)}</${Loaded}>
    ${fixing && html`<${Dialog} title="Tear down what is proven" act="Tear it down" danger typed="tear down" onAct=${() => search(true)} onClose=${() => setFixing(false)}>
      <p>The account is compared again, and what is then proven to be this installation’s is removed for good. Now that is ${plural(proven.length, 'thing')}:</p>
      <ul class="files">${proven.map((o) => html`<li>${o.kind} <span class="mono">${o.id}</span></li>`)}</ul><p>What is not proven is never touched.</p></${Dialog}>`}
  </div>`;
}
