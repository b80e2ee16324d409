// How long a sandbox lives: extended, pinned, asleep, awake, deleted.
import { html, useState } from './view.js';
import { request } from './api.js';
import { left, when } from './format.js';
import { has } from './rights.js';
import { Act, Dialog } from './parts.js';

const one = 'POST /v1/sandboxes/{name}/';

const Reason = ({ need }) => html`<label>Why <input name="reason" autofocus required=${need} maxlength="200" autocomplete="off" placeholder="shown to whoever looks" /></label>`;

const reason = (form) => (form.get('reason')?.trim() ? { reason: form.get('reason').trim() } : {});

function Extend({ s, path, onClose }) {
  return html`<${Dialog} title="Keep ${s.name} for some time" act="Extend" onClose=${onClose} onAct=${(form) => request('POST', `${path}/extend`, { for: form.get('for').trim(), ...reason(form) })}>
    <p>It is not idle, and does not expire, before that time has passed, used or not.${s.keptUntil ? ` It is kept until ${when(s.keptUntil)} now.` : ''}</p>
    <label>For <input name="for" autofocus required defaultValue="48h" autocomplete="off" /></label><${Reason} /></${Dialog}>`;
}

function Pin({ s, path, onClose }) {
  return html`<${Dialog} title="Pin ${s.name}" act="Pin" onClose=${onClose} onAct=${(form) => request('POST', `${path}/pin`, reason(form))}>
    <p>A pinned sandbox is never idle and never expires. It costs what it costs until somebody unpins it.</p><${Reason} need /></${Dialog}>`;
}

function Unpin({ s, path, onClose }) {
  return html`<${Dialog} title="Unpin ${s.name}" act="Unpin" onClose=${onClose} onAct=${() => request('POST', `${path}/unpin`)}>
    <p>From then on it is idle, and expires, like any other. It was pinned because: ${s.pinReason || 'nobody said why'}.</p></${Dialog}>`;
}

function Sleep({ s, path, onClose }) {
  return html`<${Dialog} title="Put ${s.name} to sleep" act="Put it to sleep" onClose=${onClose} onAct=${(form) => request('POST', `${path}/sleep`, reason(form))}>
    <p>${s.url ? html`<span class="mono">${s.url}</span> answers 403 from then on.` : 'It answers nobody from then on.'} Content, versions and images stay. It is torn down once it has slept for ${s.spec.sleepFor ?? 'its time'}, unless it is woken, pinned, extended or pushed to.</p><${Reason} /></${Dialog}>`;
}

function Lifetime({ s, path, onClose }) {
  return html`<${Dialog} title="How long ${s.name} lives" act="Change it" onClose=${onClose} onAct=${(form) => request('PATCH', path, { ttl: form.get('ttl').trim() })}>
    <p>${s.expiresAt ? `It ends ${when(s.expiresAt)}, in ${left(s.expiresAt)}.` : 'It has no end.'} From now on it lives for:</p>
    <label>Time to live <input name="ttl" autofocus required placeholder="90m, 36h, 14d or never" autocomplete="off" /></label></${Dialog}>`;
}

function Delete({ s, path, onClose }) {
  const gone = [s.url && `the site ${s.url}`, s.bucket && `the bucket ${s.bucket} with every version of every object`, s.distributionId && `the distribution ${s.distributionId}`,
    s.repository && `the repository ${s.repository} with all its images`, 'its releases and its events'].filter(Boolean);
  return html`<${Dialog} title="Delete ${s.name}" act="Delete it for good" danger typed=${s.name} onAct=${() => request('DELETE', path)} onClose=${onClose}>
    <p>This removes, and nothing can bring it back:</p><ul>${gone.map((g) => html`<li>${g}</li>`)}</ul></${Dialog}>`;
}

/** The buttons, and the dialog that one of them opens. */
export function Life({ sandbox: s, path, onChange }) {
  const [asking, setAsking] = useState();
  const busy = s.phase === 'deleting' && 'it is being deleted';
  const button = (route, View, title, { when: there = true, blocked, kind } = {}) => there && has(route)
    && html`<${Act} route=${route} owner=${s.owner} blocked=${busy || blocked} kind=${kind} onClick=${() => setAsking(() => View)}>${title}</${Act}>`;
  const wake = () => request('POST', `${path}/wake`).then(onChange, (error) => setAsking(() => ({ onClose }) => html`<${Dialog} title="It does not wake" onClose=${onClose}><p>${error.message}</p></${Dialog}>`));
  const awake = !['sleeping'].includes(s.phase);
  const View = asking;
  return html`
    ${!awake && has(`${one}wake`) && html`<${Act} route="${one}wake" owner=${s.owner} kind="primary" onClick=${wake}>Wake it</${Act}>`}
    ${button(`${one}extend`, Extend, 'Extend')}
    ${button(`${one}pin`, Pin, 'Pin', { when: !s.pinned })}${button(`${one}unpin`, Unpin, 'Unpin', { when: !!s.pinned })}
    ${button(`${one}sleep`, Sleep, 'Sleep', { when: awake, blocked: s.phase !== 'ready' && 'only what is ready can be put to sleep' })}
    ${button('PATCH /v1/sandboxes/{name}', Lifetime, 'Time to live')}
    ${button('DELETE /v1/sandboxes/{name}', Delete, 'Delete', { kind: 'danger' })}
    ${View && html`<${View} s=${s} path=${path} onClose=${() => { setAsking(); onChange(); }} />`}`;
}

/** What stands between a sandbox and its end, in sentences. */
export function LifeNotes({ sandbox: s }) {
  const notes = [
    s.warnedAt && ['warn', `Its people were warned ${when(s.warnedAt)}: it will fall asleep, or be torn down, unless it is used, extended or pinned.`],
    s.pinned && ['', `Pinned${s.pinReason ? `: ${s.pinReason}` : ''}.`],
    s.keptUntil && Date.parse(s.keptUntil) > Date.now() && ['', `Kept until ${when(s.keptUntil)}${s.extendReason ? `: ${s.extendReason}` : ''}.`],
    s.asleepSince && ['', `Asleep since ${when(s.asleepSince)}${s.sleepReason ? `: ${s.sleepReason}` : ''}.`],
    s.failedNights > 0 && ['warn', `It could not be put to sleep or torn down in ${s.failedNights} ${s.failedNights === 1 ? 'night' : 'nights'}.`],
  ].filter(Boolean);
  return notes.map(([kind, text]) => html`<p class="note ${kind}">${text}</p>`);
}
