// The images in a sandbox's repository.
import { html, useState } from './view.js';
import { all, request } from './api.js';
import { ago, bytes, short, when } from './format.js';
import { Act, Copy, Dialog, Empty, Loaded, Status, Table, act, useLoad } from './parts.js';

const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNDEFINED'];

export function Findings({ image }) {
  if (!image.scan) return 'not scanned';
  if (image.scan !== 'COMPLETE' && image.scan !== 'ACTIVE') return image.scan.toLowerCase().replaceAll('_', ' ');
  const found = severities.filter((s) => image.findings?.[s]);
  return found.length ? found.map((s) => html`<span class="finding ${s.toLowerCase()}">${image.findings[s]} ${s.toLowerCase()}</span> `) : 'no findings';
}

export function Images({ sandbox: s, path, news }) {
  const found = useLoad((signal) => all(`${path}/images`, 'images', signal), [path, news], 5000);
  const [deploy, setDeploy] = useState();
  return html`<${Loaded} of=${found}>${(images) => (!images.length
    ? html`<${Empty} title="No image was pushed yet"><${Copy} block text=${`mayfly login\nbuildah build -t ${s.repositoryUri}:v1 .\nbuildah push ${s.repositoryUri}:v1`} /></${Empty}>`
    : html`<${Table} caption="Images of ${s.name}" rows=${images.toSorted((a, b) => (a.pushedAt < b.pushedAt ? 1 : -1))} id=${(i) => i.digest} columns=${[
      ['Tags', (i) => (i.tags.length ? i.tags.map((t) => html`<span class="tag">${t}</span> `) : html`<span class="hint">untagged</span>`)],
      ['Digest', (i) => html`<span class="mono" title=${i.digest}>${short(i.digest)}</span>`],
      ['State', (i) => i.live && html`<${Status} of="live" />`], ['Size', (i) => bytes(i.size), 'number'],
      ['Pushed', (i) => html`<time datetime=${i.pushedAt} title=${when(i.pushedAt)}>${ago(i.pushedAt)}</time>`], ['Last pull', (i) => (i.lastPull ? ago(i.lastPull) : 'none known')],
      ['Scan', (i) => html`<${Findings} image=${i} />`],
      [act, (i) => !i.live && html`<${Act} route="POST /v1/sandboxes/{name}/releases" owner=${s.owner} blocked=${!s.acceptsReleases && 'it takes no release now'} aria-label="Deploy ${i.tags[0] ?? short(i.digest)}" onClick=${() => setDeploy(i)}>Deploy</${Act}>`],
    ]} />`)}</${Loaded}>
    ${deploy && html`<${Dialog} title="Deploy an image" act="Deploy it" onClose=${() => setDeploy()} onAct=${() => request('POST', `${path}/releases`, { image: deploy.digest })}>
      <p>${s.name} shows <strong>${deploy.tags[0] ?? short(deploy.digest)}</strong> instead of what is live now. That can be rolled back.</p></${Dialog}>`}`;
}
