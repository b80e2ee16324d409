// One execution: its graph, what each state did, and its history.
import { html, useState, useEffect, useMemo, useRef } from './view.js';
import { all, get, now } from './api.js';
import { duration, plural, pretty, when } from './format.js';
import { follow } from './history.js';
import { statesOf, troubles } from './states.js';
import { MachineGraph } from './graph.js';
import { Chosen } from './chosen.js';
import { Failure, Loading, Status, useTick } from './parts.js';

/** The machine and the name in an execution's ARN. */
export function executionOf(arn) {
  const [, , , , , , machine, name] = (arn ?? '').split(':');
  // Machines of an installation have its prefix: mayfly-provision, mayfly-prod-release.
  return machine && { machine: machine.slice(machine.lastIndexOf('-') + 1), name };
}

const path = ({ machine, name }) => `/v1/executions/${encodeURIComponent(machine)}/${encodeURIComponent(name)}`;

/**
 * Follows an execution: news is anything that changes when something may have
 * happened. Without news it looks each second while the execution runs.
 */
export function useExecution(which, news) {
  const [state, setState] = useState({});
  const key = which && path(which);
  const again = useRef();
  useEffect(() => {
    setState({});
    if (!which) return undefined;
    const stop = new AbortController();
    let timer;
    let busy = false;
    let due = false;
    const look = async () => {
      if (busy) {
        due = true; // what happens while it looks is looked at next
        return;
      }
      busy = true;
      clearTimeout(timer);
      try {
        const [execution, history] = await Promise.all([get(key, stop.signal), all(`${key}/history`, 'events', stop.signal)]);
        setState((before) => ({ execution: before.execution ? { ...execution, definition: before.execution.definition } : execution, history }));
        if (execution.status === 'RUNNING') timer = setTimeout(look, 1000);
      } catch (error) {
        if (stop.signal.aborted) return;
        setState((before) => ({ ...before, error }));
        timer = setTimeout(look, 3000);
      }
      busy = false;
      if (due) {
        due = false;
        look();
      }
    };
    again.current = look;
    look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key]);
  useEffect(() => {
    if (news !== undefined) again.current?.();
  }, [news]);
  return state;
}

/** What went wrong where, and what was done about it; each can be chosen. */
function Troubles({ of, onSelect }) {
  return html`<section aria-label="What went wrong"><h3>What went wrong</h3><ol class="troubles">${of.map((t) => html`<li>
    <button type="button" class="link" onClick=${() => onSelect(t.name)}>${t.name}</button> failed${t.tries > 1 && ` after ${plural(t.tries, 'try', 'tries')}`}: <strong>${t.error}</strong>${t.cause && html` <span class="cause">${said(t.cause)}</span>`}
    <br /><span class="hint">${t.by ? `${t.by === t.name ? 'It' : t.by} caught it${t.next ? `, and went on to ${t.next}` : ''}.` : t.end ? 'The execution ends there.' : 'Nothing caught it: the execution failed with it.'}</span></li>`)}</ol></section>`;
}

/** What a cause says, when it is the JSON that Lambda makes of an error. */
function said(cause) {
  try {
    return JSON.parse(cause).errorMessage ?? cause;
  } catch {
    return cause;
  }
}

const telling = (event) => /StateEntered|StateExited|Failed|TimedOut|Aborted|^Execution/.test(event.type);

function History({ events }) {
  const [everything, setEverything] = useState(false);
  const start = Date.parse(events[0]?.at);
  const shown = everything ? events : events.filter(telling);
  return html`<section class="panel"><div class="heading"><h2>History</h2>
    <label class="choice"><input type="checkbox" checked=${everything} onChange=${(e) => setEverything(e.target.checked)} /> every event</label></div>
    <div class="scroll tall" tabindex="0" role="region" aria-label="History"><table><caption class="unseen">History</caption>
      <thead><tr><th scope="col" class="number">#</th><th scope="col" class="number">After</th><th scope="col">Event</th><th scope="col">State</th><th scope="col">What it says</th></tr></thead>
      <tbody>${shown.map((e) => html`<tr key=${e.id} class=${e.error ? 'bad' : ''}><td class="number">${e.id}</td><td class="number" title=${when(e.at)}>${duration(Date.parse(e.at) - start)}</td><td>${e.type}</td><td>${e.state}</td>
        <td class="wide">${e.error && html`<strong>${e.error}</strong> ${e.cause}`}${(e.input || e.output) && html`<details><summary>${e.output ? 'output' : 'input'}</summary><pre tabindex="0">${pretty(e.output || e.input)}</pre></details>`}</td></tr>`)}</tbody></table></div></section>`;
}

/** The graph and what is chosen in it; with history, its events too. */
export function Flow({ of, history, title }) {
  const [chosen, setChosen] = useState();
  const running = of.execution?.status === 'RUNNING';
  useTick(500, running);
  const definition = of.execution?.definition;
  const known = useMemo(() => follow(of.history ?? [], definition), [of.history, definition]);
  if (!of.execution) return of.error ? html`<${Failure} error=${of.error} />` : html`<${Loading} lines=${6} />`;
  const { execution } = of;
  const wrong = troubles(known.states, definition);
  const shown = chosen ?? wrong.find((t) => t.status === 'failed')?.name;
  return html`<div class="flow">
    <section class="panel"><div class="heading"><h2>${title ?? execution.machine}</h2><${Status} of=${execution.status} />
      <span class="hint">${when(execution.startedAt)}, ${duration((execution.stoppedAt ? Date.parse(execution.stoppedAt) : now()) - Date.parse(execution.startedAt))}</span></div>
      ${execution.error && html`<div class="failure"><strong>${execution.error}</strong> ${said(execution.cause)}</div>`}
      ${wrong.length > 0 && html`<${Troubles} of=${wrong} onSelect=${setChosen} />`}
      <${MachineGraph} definition=${execution.definition} states=${known.states} selected=${shown} onSelect=${setChosen} now=${now()} label="State machine ${execution.machine}" />
      ${shown && html`<${Chosen} key=${shown} name=${shown} state=${statesOf(definition).get(shown)?.state} known=${known.states.get(shown)} />`}
    </section>
    ${history && html`<${History} events=${of.history} />`}
  </div>`;
}
