// Which files differ between two releases.
import { html, useState } from './view.js';
import { get } from './api.js';
import { bytes, count, plural } from './format.js';
import { Failure, Loaded, useLoad } from './parts.js';

/** How many files are shown at first, and how many more each time. */
const first = 200;
const more = 1000;

const kinds = { added: '+', changed: '~', removed: '−' };

/** Sizes of a file, before and afterwards. */
const sizes = (f) => (f.kind === 'added' ? bytes(f.after) : f.kind === 'removed' ? bytes(f.before) : f.before === f.after ? bytes(f.after) : `${bytes(f.before)} → ${bytes(f.after)}`);

const summary = (of) => Object.keys(kinds).filter((kind) => of[kind].files)
  .map((kind) => `${plural(of[kind].files, 'file')} ${kind} (${bytes(of[kind].bytes)})`).join(', ');

/** What a service runs by a release. */
const runs = (r) => r?.rollout?.ecs?.taskDefinition ?? r?.rollout?.eks?.image ?? (r?.rollout?.lambda && `version ${r.rollout.lambda.version}`) ?? 'nothing';

/** What would change if release to were live instead of from. path is the sandbox's. */
export function Changes({ path, to, from }) {
  const route = `${path}/releases/${to.id}/changes?${from ? `from=${from.id}&` : ''}limit=`;
  const found = useLoad((signal) => get(route + first, signal), [route]);
  const [further, setFurther] = useState({ files: [] });
  const go = async (next) => {
    setFurther((before) => ({ ...before, busy: true, error: undefined }));
    try {
      const page = await get(`${route}${more}&cursor=${encodeURIComponent(next)}`);
      setFurther((before) => ({ files: [...before.files, ...page.changes], next: page.next ?? '' }));
    } catch (error) {
      setFurther((before) => ({ ...before, busy: false, error }));
    }
  };
  return html`<section aria-label="Files that would change"><${Loaded} of=${found} lines=${3}>${(page) => {
    if (to.rollout?.target) return html`<p>It would run <code>${runs(page.release)}</code> instead of <code>${runs(page.from)}</code>.</p>`;
    const files = [...page.changes, ...further.files];
    const left = page.added.files + page.changed.files + page.removed.files - files.length;
    if (!files.length) return html`<p>No file would change: both releases consist of the same.</p>`;
    return html`<p role="status">${summary(page)}</p>
      <div class="changes" tabindex="0" role="region" aria-label="Each file"><table><caption class="unseen">Each file</caption>
        <thead class="unseen"><tr><th scope="col">Change</th><th scope="col">File</th><th scope="col">Size</th></tr></thead>
        <tbody>${files.map((f) => html`<tr key=${f.path} class=${f.kind}><td><span aria-hidden="true">${kinds[f.kind]}</span><span class="unseen">${f.kind}</span></td><td class="mono">${f.path}</td><td class="number">${sizes(f)}</td></tr>`)}</tbody>
      </table></div>
      ${left > 0 && html`<p>and ${count(left)} more <button type="button" disabled=${further.busy} onClick=${() => go(further.next ?? page.next)}>Show ${count(Math.min(left, more))} more</button></p>`}
      ${further.error && html`<${Failure} error=${further.error} />`}`;
  }}</${Loaded}></section>`;
}
