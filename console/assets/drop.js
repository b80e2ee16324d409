// A release of a folder: dropped or chosen, packed here, uploaded, released.
import { html, useState, useRef } from './view.js';
import { request, upload } from './api.js';
import { bytes, plural } from './format.js';
import { rooted, sha256, tarGz } from './tar.js';
import { Dialog } from './parts.js';

/** The files in what was dropped, by their paths in it. */
async function filesIn(entries) {
  const files = [];
  const walk = async (entry, path) => {
    if (entry.isFile) {
      files.push({ name: path + entry.name, file: await new Promise((done, fail) => entry.file(done, fail)) });
      return;
    }
    const reader = entry.createReader();
    for (;;) { // a reader gives a hundred at a time
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length) return;
      for (const one of some) await walk(one, `${path}${entry.name}/`);
    }
  };
  for (const entry of entries) if (entry) await walk(entry, '');
  return files;
}

export function Drop({ sandbox: s, path, onClose }) {
  const [files, setFiles] = useState([]);
  const [over, setOver] = useState(false);
  const [step, setStep] = useState('');
  const chooser = useRef();
  const total = files.reduce((sum, f) => sum + f.file.size, 0);
  const index = s.spec.indexDocument;

  const dropped = async (event) => {
    event.preventDefault();
    setOver(false);
    // The entries must be taken before the first wait: the browser forgets them.
    setFiles(rooted(await filesIn([...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()))));
  };
  const release = async () => {
    setStep(`Packing ${plural(files.length, 'file')}…`);
    try {
      const archive = await tarGz(files);
      const to = await request('POST', `${path}/uploads`, { size: archive.size, format: 'tar.gz', sha256: await sha256(archive) });
      await upload(to, archive, (part) => setStep(`Uploading ${bytes(archive.size)}: ${Math.round(part * 100)} %`));
      await request('POST', `${path}/releases`, { upload: to.id });
    } finally {
      setStep('');
    }
    location.hash = `#/sandboxes/${s.name}/releases`;
  };
  return html`<${Dialog} title="Release a folder to ${s.name}" act="Release it" disabled=${!files.length} onAct=${release} onClose=${onClose}>
    <div class="drop ${over ? 'over' : ''}" onDragOver=${(e) => { e.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${dropped}>
      <p>${files.length ? html`<strong>${plural(files.length, 'file')}, ${bytes(total)}</strong>` : 'Drop a folder here'}</p>
      <button type="button" onClick=${() => chooser.current.click()}>Choose a folder</button>
      <input ref=${chooser} class="unseen" type="file" webkitdirectory multiple tabindex="-1" aria-label="The folder to release" onChange=${(e) => setFiles(rooted([...e.target.files].map((file) => ({ name: file.webkitRelativePath || file.name, file }))))} />
    </div>
    ${files.length > 0 && html`<p>${s.liveRelease ? 'What is live and not in the folder is removed; it stays as an earlier version, and a rollback brings it back.' : 'It is the first release.'}</p>
      ${!files.some((f) => f.name === index) && html`<p class="note warn">There is no ${index} at its top: the site will have no front page.</p>`}
      <details><summary>The files</summary><ul class="files">${files.slice(0, 200).map((f) => html`<li><span class="mono">${f.name}</span> ${bytes(f.file.size)}</li>`)}${files.length > 200 && html`<li>and ${plural(files.length - 200, 'other')}</li>`}</ul></details>`}
    <p role="status">${step}</p>
  </${Dialog}>`;
}
