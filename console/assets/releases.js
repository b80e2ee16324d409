// A sandbox's releases: what each brought, and the way back to it.
import { html, useState } from './view.js';
import { get, request } from './api.js';
import { ago, bytes, duration, plural, short, when } from './format.js';
import { Act, Dialog, Empty, Eta, Loaded, Status, Table, act, useLoad } from './parts.js';
import { Changes } from './changes.js';
import { Flow, executionOf, useExecution } from './flow.js';

const from = (r) => ({
  upload: () => 'a folder', rollback: () => `back to ${r.of}`, restore: () => `${r.key}, restored`,
  image: () => `${r.pushed ? 'a push of ' : ''}image ${r.image?.tag ?? ''} ${short(r.image?.digest)}`,
})[r.kind]?.() ?? r.kind;

const size = (r) => (r.rollout?.target ? `to ${r.rollout.target}` : `${plural(r.files, 'file')}, ${bytes(r.bytes)}`);

function Rollback({ sandbox: s, path, to, live, onClose }) {
  const side = (r) => html`<td>${r ? html`<span class="mono">${r.id}</span><br />${from(r)}` : 'nothing'}</td>`;
  return html`<${Dialog} title="Roll ${s.name} back" act="Roll back" onAct=${() => request('POST', `${path}/rollback`, { to: to.id })} onClose=${onClose}>
    <p>The content of an earlier release comes back as a release of its own. It can be rolled back like any other; nothing is lost.</p>
    <table><caption class="unseen">What would change</caption><thead><tr><td><span class="unseen">What</span></td><th scope="col">Live now</th><th scope="col">Afterwards</th></tr></thead><tbody>
      <tr><th scope="row">Release</th>${side(live)}${side(to)}</tr>
      <tr><th scope="row">Content</th><td>${live ? size(live) : '–'}</td><td>${size(to)}</td></tr>
      <tr><th scope="row">From</th><td>${live ? when(live.createdAt) : '–'}</td><td>${when(to.createdAt)}</td></tr>
    </tbody></table>
    <${Changes} path=${path} to=${to} from=${live} /></${Dialog}>`;
}

export function Progress({ release, news }) {
  const execution = useExecution(executionOf(release.execution), news);
  return html`<${Flow} of=${execution} title="Release ${release.id}" />`;
}

export function Releases({ sandbox: s, path, news }) {
  const found = useLoad((signal) => get(`${path}/releases?limit=200`, signal).then((page) => page.releases), [path, s.liveRelease, s.activeRelease]);
  const [back, setBack] = useState();
  const [open, setOpen] = useState();
  return html`<${Loaded} of=${found}>${(releases) => {
    if (!releases.length) return html`<${Empty} title="Nothing was released yet"><p>Release a folder, or push an image to <code>${s.repositoryUri ?? 'the repository'}</code>.</p></${Empty}>`;
    const live = releases.find((r) => r.live);
    const running = releases.find((r) => r.status === 'running');
    const shown = releases.find((r) => r.id === open) ?? running;
    return html`<${Table} caption="Releases of ${s.name}" rows=${releases} id=${(r) => r.id} columns=${[
        ['Release', (r) => html`<button type="button" class="link mono" aria-expanded=${shown === r} onClick=${() => setOpen(r.id)}>${r.id}</button>`],
        ['Status', (r) => html`<${Status} of=${r.live ? 'live' : r.status === 'live' ? 'was live' : r.status} title=${r.failure?.Cause} />`],
        ['From', from], ['Content', size],
        ['Changed', (r) => (r.status === 'running' ? html`<${Eta} since=${r.createdAt} at=${r.eta} />` : `${r.written} written, ${r.removed} removed`)],
        ['Who', (r) => r.principal ?? (r.pushed ? 'a push' : '–')],
        ['When', (r) => html`<time datetime=${r.createdAt} title=${when(r.createdAt)}>${ago(r.createdAt)}</time>`],
        ['Took', (r) => (r.endedAt ? duration(Date.parse(r.endedAt) - Date.parse(r.createdAt)) : '–'), 'number'],
        [act, (r) => !r.live && r.status === 'live' && html`<${Act} route="POST /v1/sandboxes/{name}/rollback" owner=${s.owner} blocked=${!s.acceptsReleases && 'it takes no release now'} aria-label="Roll back to ${r.id}" onClick=${() => setBack(r)}>Roll back</${Act}>`],
      ]} />
      ${shown && html`<${Progress} key=${shown.id} release=${shown} news=${news} />`}
      ${back && html`<${Rollback} sandbox=${s} path=${path} to=${back} live=${live} onClose=${() => setBack()} />`}`;
  }}</${Loaded}>`;
}
