// The objects of a site, their versions, and how one comes back.
import { html, useState } from './view.js';
import { all, get, request } from './api.js';
import { bytes, count, when } from './format.js';
import { Act, Dialog, Empty, Loaded, Status, Table, act, useLoad } from './parts.js';

const encoded = (key) => key.split('/').map(encodeURIComponent).join('/');

function Versions({ sandbox: s, path, object, onRestored }) {
  const found = useLoad((signal) => get(`${path}/objects/${encoded(object.key)}/versions`, signal).then((a) => a.versions), [path, object.key, object.versions, s.liveRelease]);
  const [back, setBack] = useState();
  return html`<section class="panel" aria-label="Versions of ${object.key}"><h2 class="mono">${object.key}</h2><${Loaded} of=${found}>${(versions) => html`
    <${Table} caption="Versions of ${object.key}" rows=${versions} id=${(v) => v.versionId} columns=${[
      ['Version', (v) => html`<span class="mono">${v.versionId}</span>`],
      ['State', (v) => (v.latest ? html`<${Status} of=${v.deleteMarker ? 'deleted' : 'live'} />` : v.deleteMarker ? 'deleted' : '')],
      ['Size', (v) => (v.deleteMarker ? '–' : bytes(v.size)), 'number'], ['Since', (v) => when(v.lastModified), 'short'],
      [act, (v) => !v.latest && !v.deleteMarker && html`<${Act} route="POST /v1/sandboxes/{name}/restore" owner=${s.owner} blocked=${!s.acceptsReleases && 'it takes no release now'} aria-label="Restore version ${v.versionId}" onClick=${() => setBack(v)}>Restore</${Act}>`],
    ]} />`}</${Loaded}>
    ${back && html`<${Dialog} title="Restore ${object.key}" act="Restore it" onClose=${() => setBack()} onAct=${() => request('POST', `${path}/restore`, { key: object.key, versionId: back.versionId }).then(onRestored)}>
      <p>The version of ${when(back.lastModified)} (${bytes(back.size)}) becomes the latest one. ${object.deleted ? 'The object is deleted now.' : 'The one that is live now stays as an earlier version.'} All other objects stay as they are.</p></${Dialog}>`}
  </section>`;
}

export function Content({ sandbox: s, path }) {
  const found = useLoad((signal) => all(`${path}/objects`, 'objects', signal), [path, s.liveRelease]);
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState();
  return html`<${Loaded} of=${found}>${(objects) => {
    if (!objects.length) return html`<${Empty} title="The site is empty"><p>Release a folder to fill it.</p></${Empty}>`;
    const fits = objects.filter((o) => o.key.includes(search));
    const shown = fits.slice(0, 500);
    const chosen = objects.find((o) => o.key === open);
    return html`<div class="filters"><label class="grow"><span class="unseen">Search objects</span><input type="search" placeholder="Search objects" value=${search} onInput=${(e) => setSearch(e.target.value)} /></label>
        <output class="count">${count(fits.length)} of ${count(objects.length)}${fits.length > shown.length ? `, the first ${shown.length} shown` : ''}</output></div>
      <div class=${chosen ? 'split' : 'flow'}><${Table} caption="Objects" rows=${shown} id=${(o) => o.key} columns=${[
        ['Object', (o) => html`<button type="button" class="link mono" aria-expanded=${open === o.key} onClick=${() => setOpen(o.key)}>${o.key}</button>`],
        ['State', (o) => o.deleted && html`<${Status} of="deleted" />`, 'short'], ['Size', (o) => (o.deleted ? '–' : bytes(o.size)), 'number'], ['Versions', (o) => count(o.versions), 'number'], ['Since', (o) => when(o.lastModified), 'short'],
      ]} />
      ${chosen ? html`<${Versions} key=${chosen.key} sandbox=${s} path=${path} object=${chosen} onRestored=${found.reload} />` : html`<p class="hint">Choose an object to see its versions.</p>`}</div>`;
  }}</${Loaded}>`;
}
