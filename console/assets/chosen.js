// What is known of one state of an execution: what it got and gave, each try,
// each visit, what catches it.
import { html } from './view.js';
import { now } from './api.js';
import { clock, duration, plural, pretty, when } from './format.js';
import { meets } from './states.js';
import { Facts, Status, Table } from './parts.js';

const Data = ({ title, of }) => of && html`<details><summary>${title}</summary><pre tabindex="0">${pretty(of)}</pre></details>`;
const Wrong = ({ of }) => of.error && html`<strong>${of.error}</strong> ${of.cause}`;
const Moment = ({ at }) => html`<time datetime=${new Date(at).toISOString()} title=${when(at)}>${clock(at)}</time>`;

/** How often a rule of Retry tries, and when. */
function again(rule) {
  const { MaxAttempts: most = 3, IntervalSeconds: first = 1, BackoffRate: rate = 2, MaxDelaySeconds: longest } = rule;
  if (most === 0) return 'not at all';
  return `up to ${plural(most, 'time')}, first after ${first} s${rate > 1 ? `, then ${rate} times as long each time` : ''}${longest ? `, at most ${longest} s` : ''}`;
}

/** What is done about what fails here, by the definition: the rule that was met is marked. */
function Rules({ state, error }) {
  const met = (rules, rule) => error && meets(rules, error) === rule && html` <strong>(this one)</strong>`;
  if (!state.Retry && !state.Catch) return html`<p class="hint">Nothing is tried again here, and nothing catches what fails; what this is in may.</p>`;
  return html`<ul class="rules">
    ${(state.Retry ?? []).map((rule) => html`<li>Tried again ${again(rule)}: on ${rule.ErrorEquals.join(', ')}${met(state.Retry, rule)}</li>`)}
    ${(state.Catch ?? []).map((rule) => html`<li>Caught, and on to <strong>${rule.Next}</strong>: on ${rule.ErrorEquals.join(', ')}${met(state.Catch, rule)}</li>`)}
  </ul>`;
}

const Tries = ({ of }) => html`<${Table} caption="Tries" rows=${of} columns=${[
  ['Try', (t) => of.indexOf(t) + 1, 'number'], ['Began', (t) => html`<${Moment} at=${t.at} />`, 'short'],
  ['Took', (t) => (t.ended ? duration(t.ended - t.at) : '–'), 'number'], ['What came of it', (t) => (t.error ? html`<${Wrong} of=${t} />` : t.ended || t !== of.at(-1) ? '' : 'no error'), 'wide'],
]} />`;

/** So many visits are shown: those that failed first. */
const most = 100;
const order = ['failed', 'caught', 'retrying', 'running', 'stopped', 'succeeded'];

const Visits = ({ of }) => html`<${Table} caption="Each time" rows=${of.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status)).slice(0, most)} columns=${[
  ...(of.some((v) => v.index !== undefined) ? [['Item', (v) => v.index, 'number']] : []),
  ['Status', (v) => html`<${Status} of=${v.status} />`], ['Entered', (v) => html`<${Moment} at=${v.since} />`, 'short'], ['Took', (v) => duration(v.took), 'number'],
  ['Tries', (v) => v.tries.length || '–', 'number'], ['What it says', (v) => html`<${Wrong} of=${v} /><${Data} title="input" of=${v.input} /><${Data} title="output" of=${v.output} />`, 'wide'],
]} />`;

export function Chosen({ name, state, known }) {
  if (!known) return html`<div class="chosen"><h3>${name}</h3><p class="hint">It was not entered in this execution.</p>${state && html`<${Rules} state=${state} />`}</div>`;
  const running = known.open > 0 && (known.status === 'running' || known.status === 'retrying');
  return html`<div class="chosen"><h3>${name} <${Status} of=${known.status} /></h3>
    <${Facts} of=${[['Entered', plural(known.times, 'time')], ['Retries', known.retries || undefined], ['Time', duration(known.took + (running ? Math.max(0, now() - known.since) : 0))]]} />
    ${known.error && html`<div class="failure"><strong>${known.error}</strong><pre>${pretty(known.cause)}</pre></div>`}
    ${known.tries.length > 1 && html`<${Tries} of=${known.tries} />`}
    ${known.times > 1 && html`<${Visits} of=${known.visits} />`}
    ${state && (known.error || state.Retry || state.Catch) && html`<details open=${!!known.error}><summary>What is done when it fails</summary><${Rules} state=${state} error=${known.error} /></details>`}
    <${Data} title="Input" of=${known.input} /><${Data} title="Output" of=${known.output} />
  </div>`;
}
