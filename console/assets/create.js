// A new sandbox.
import { html, useState } from './view.js';
import { request } from './api.js';
import { me } from './rights.js';
import { Dialog } from './parts.js';

/** Whether what is typed is no name, as the API would say; nothing typed is not wrong yet. */
export const misnamed = (name, longest) => name !== '' && (name.length < 3 || name.length > longest || !/^[a-z0-9](-?[a-z0-9])*$/.test(name));

export function Create({ onClose }) {
  const [name, setName] = useState('');
  const [delivery, setDelivery] = useState('cloudfront');
  const bad = misnamed(name, 40);
  const make = async (form) => {
    const body = { name: form.get('name'), delivery, repository: { visibility: form.get('repository') } };
    for (const key of ['owner', 'ttl', 'indexDocument', 'errorDocument']) if (form.get(key)) body[key] = form.get(key).trim();
    if (form.get('singlePageApp')) body.singlePageApp = true;
    await request('POST', '/v1/sandboxes', body);
    location.hash = `#/sandboxes/${body.name}`;
  };
  return html`<${Dialog} title="New sandbox" act="Make it" onAct=${make} onClose=${onClose} disabled=${!name || bad}>
    <label>Name <input name="name" autofocus required autocomplete="off" spellcheck="false" value=${name} onInput=${(e) => setName(e.target.value)} aria-describedby="name-rule" aria-invalid=${!!bad} /></label>
    <p id="name-rule" class=${bad ? 'hint bad' : 'hint'}>3 to 40 of a–z, 0–9 and hyphen; no hyphen first, last or twice in a row.</p>
    <div class="pair"><label>Owner <input name="owner" placeholder=${me().name} autocomplete="off" /></label>
      <label>Lives for <input name="ttl" placeholder="no end; or 90m, 36h, 14d" autocomplete="off" /></label></div>
    <fieldset><legend>What it is</legend>
      ${[['cloudfront', 'A site behind CloudFront'], ['website', 'A site of S3 alone: public, live in seconds'], ['none', 'A repository alone']].map(([value, title]) => html`<label class="choice"><input type="radio" name="delivery" value=${value} checked=${delivery === value} onChange=${() => setDelivery(value)} /> ${title}</label>`)}
    </fieldset>
    <details><summary>More</summary>
      <div class="pair"><label>Index document <input name="indexDocument" placeholder="index.html" autocomplete="off" /></label>
        <label>Error document <input name="errorDocument" placeholder="none" autocomplete="off" /></label></div>
      <label class="choice"><input type="checkbox" name="singlePageApp" /> A single-page app: the index document for what is not there</label>
      <label>Repository <select name="repository"><option value="private">private</option><option value="public">public</option><option value="none" disabled=${delivery === 'none'}>none</option></select></label>
    </details>
  </${Dialog}>`;
}
