// All repositories, and what is in one.
import { html } from './view.js';
import { all, get } from './api.js';
import { bytes, count, short } from './format.js';
import { Copy, Empty, Loaded, Status, Table, useLoad } from './parts.js';
import { Chart } from './usage.js';
import { Images } from './images.js';

function One({ name }) {
  const path = `/v1/sandboxes/${encodeURIComponent(name)}`;
  const found = useLoad((signal) => Promise.all([get(path, signal), get(`${path}/stats?days=30`, signal)]), [path], 10_000);
  return html`<div class="page"><p class="crumbs"><a href="#/repositories">Repositories</a></p><h1 tabindex="-1">${name}</h1>
    <${Loaded} of=${found}>${([s, stats]) => html`<p><${Copy} text=${s.repositoryUri ?? 'it has no repository'} /></p>
      <${Images} sandbox=${s} path=${path} news=${s.liveRelease} />
      <div class="charts"><${Chart} title="Pulls" days=${stats.days} of=${(d) => d.pulls} format=${count} total="" /><${Chart} title="Pushes" days=${stats.days} of=${(d) => d.pushes} format=${count} total="" /></div>
      <p class="hint">${count(stats.images.count)} images, ${bytes(stats.images.bytes)} in all. <a href="#/sandboxes/${name}">The sandbox</a></p>`}</${Loaded}></div>`;
}

export function Repositories({ at }) {
  const found = useLoad((signal) => (at[0] ? Promise.resolve([]) : all('/v1/sandboxes', 'sandboxes', signal)), [at[0]]);
  if (at[0]) return html`<${One} name=${at[0]} />`;
  return html`<div class="page"><h1 tabindex="-1">Repositories</h1><${Loaded} of=${found}>${(sandboxes) => {
    const holding = sandboxes.filter((s) => s.repository);
    return holding.length === 0 ? html`<${Empty} title="There is no repository"><p>Each sandbox gets one, unless it was made without.</p></${Empty}>`
      : html`<${Table} caption="Repositories" rows=${holding.slice(0, 500)} id=${(s) => s.id} columns=${[
        ['Repository', (s) => html`<a href="#/repositories/${s.name}">${s.repository}</a>`], ['Owner', (s) => s.owner],
        ['Deployed', (s) => (s.liveImage?.digest ? html`<span class="tag">${s.liveImage.tag ?? 'untagged'}</span> <span class="mono">${short(s.liveImage.digest)}</span>` : html`<span class="hint">no image</span>`)],
        ['To', (s) => (s.spec.deploy?.target && s.spec.deploy.target !== 'site' ? s.spec.deploy.target : 'site')], ['Sandbox', (s) => html`<${Status} of=${s.phase} />`],
      ]} />${holding.length > 500 && html`<p class="hint">The first 500 of ${count(holding.length)}; the others are found by their sandboxes.</p>`}`;
  }}</${Loaded}></div>`;
}
