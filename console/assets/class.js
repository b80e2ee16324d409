// What is done with a class: made, changed, given a new code, ended.
import { html, useState } from './view.js';
import { address, now, request } from './api.js';
import { plural, when } from './format.js';
import { misnamed } from './create.js';
import { Dialog } from './parts.js';

/** Codes that were made on this page, by their classes: nowhere else is a code known. */
export const codes = new Map();

const usual = 'http://127.0.0.1:8700';

/** What students type. */
export const command = (code) => `mayfly join ${code}${address() === usual ? '' : ` --api-url ${address()}`}`;

const day = 86_400_000;
const pad = (n) => String(n).padStart(2, '0');

/** A time as a field for times has it, by this machine's clock on the wall. */
function field(time) {
  const t = new Date(time);
  return `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())}T${pad(t.getHours())}:${pad(t.getMinutes())}`;
}

/** A week from now, at the end of the day. */
const inAWeek = () => `${field(now() + 7 * day).slice(0, 11)}23:59`;

/** What the fields of a class say, as the API takes it. */
export const wanted = (form) => ({ seats: Number(form.get('seats')), expiresAt: form.get('expires') ? new Date(form.get('expires')).toISOString() : undefined, budget: form.get('budget').trim() });

const Fields = ({ seats, least = 1, expires, budget }) => html`
  <div class="pair"><label>Seats <input name="seats" type="number" min=${least} max="300" required defaultValue=${seats} /></label>
    <label>Ends <input name="expires" type="datetime-local" required defaultValue=${expires} /></label></div>
  <label>USD a month for each seat; empty for no limit <input name="budget" inputmode="decimal" autocomplete="off" defaultValue=${budget} /></label>`;

export function CreateClass({ onClose }) {
  const [name, setName] = useState('');
  const bad = misnamed(name, 28);
  const make = async (form) => {
    const made = await request('POST', '/v1/classes', { name, ...wanted(form) });
    codes.set(made.name, made.code);
    location.hash = `#/classes/${made.name}`;
  };
  return html`<${Dialog} title="New class" act="Make it" onAct=${make} onClose=${onClose} disabled=${!name || bad}>
    <label>Name <input name="name" autofocus required autocomplete="off" spellcheck="false" placeholder="cs101" value=${name} onInput=${(e) => setName(e.target.value)} aria-describedby="class-rule" aria-invalid=${!!bad} /></label>
    <p id="class-rule" class=${bad ? 'hint bad' : 'hint'}>3 to 28 of a–z, 0–9 and hyphen. Its sandboxes are called like it, with a number behind.</p>
    <${Fields} seats="30" expires=${inAWeek()} budget="" />
    <p class="hint">When it ends nobody joins any more, and the next night takes its sandboxes, used or not.</p></${Dialog}>`;
}

export function UpdateClass({ of: c, onClose }) {
  const change = async (form) => {
    const to = wanted(form);
    if (form.get('expires') === field(c.expiresAt)) delete to.expiresAt; // the field has no seconds
    const answer = await request('PATCH', `/v1/classes/${c.name}`, to);
    const untold = (answer.students ?? []).filter((s) => s.trouble);
    if (untold.length) throw Object.assign(new Error(), { title: `${plural(untold.length, 'sandbox', 'sandboxes')} could not be told`, detail: `${untold.map((s) => `${s.sandbox}: ${s.trouble}`).join('; ')}. Change it again to go on.` });
  };
  return html`<${Dialog} title="Change ${c.name}" act="Change it" onAct=${change} onClose=${() => onClose()}>
    <${Fields} seats=${c.seats} least=${Math.max(1, c.taken)} expires=${field(c.expiresAt)} budget=${c.budget ?? ''} />
    <p class="hint">${plural(c.taken, 'seat is', 'seats are')} taken, and there can’t be fewer. Its sandboxes end with it, whenever that is then.</p></${Dialog}>`;
}

export function RenewCode({ of: c, onClose }) {
  const renew = async () => {
    codes.set(c.name, (await request('POST', `/v1/classes/${c.name}/code`)).code);
  };
  return html`<${Dialog} title="A new code for ${c.name}" act="Make a new code" onAct=${renew} onClose=${() => onClose()}>
    <p>The old code opens nothing from then on. Who has joined keeps the seat.</p></${Dialog}>`;
}

export function EndClass({ of: c, onClose }) {
  const [asked, setAsked] = useState(false);
  const there = c.students.filter((s) => s.phase !== 'deleted');
  const end = async () => {
    const answer = await request('DELETE', `/v1/classes/${c.name}`);
    setAsked(true);
    onClose(answer ? { ending: true } : { gone: true });
    return false; // it is closed already
  };
  return html`<${Dialog} title="End ${c.name}" act="End it for good" danger typed=${c.name} onAct=${end} onClose=${() => asked || onClose()}>
    <p>From this moment on nobody joins any more, and the students’ tokens are void. This removes, and nothing can bring it back:</p>
    <ul class="files">${there.length === 0 && html`<li>the class; it has no sandbox</li>`}${there.map((s) => html`<li><span class="mono">${s.sandbox}</span>${s.student && ` of ${s.student}`}: its site, its bucket with every version, its repository with all images</li>`)}</ul>
    <p class="hint">It would end by itself ${when(c.expiresAt)}.</p></${Dialog}>`;
}

/** Goes on with the end of a class; true when nothing is left of it. */
export async function finish(c) {
  if (c.students.some((s) => s.phase !== 'deleted')) return false;
  return (await request('DELETE', `/v1/classes/${c.name}`)) === undefined;
}
