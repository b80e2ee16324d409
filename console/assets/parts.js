// The parts that all pages are made of.
import { html, useState, useEffect, useRef, useCallback } from './view.js';
import { now } from './api.js';
import { ago, duration, when } from './format.js';
import { why } from './rights.js';

/** A phase or a status: its colour, a mark that needs no colour, its name. */
const marks = {
  ready: ['good', '✓'], live: ['good', '✓'], succeeded: ['good', '✓'], SUCCEEDED: ['good', '✓'], done: ['good', '✓'], keep: ['good', '✓'],
  provisioning: ['busy', '◐'], updating: ['busy', '◐'], running: ['busy', '◐'], RUNNING: ['busy', '◐'], deleting: ['busy', '◌'],
  sleeping: ['quiet', '☾'], sleep: ['quiet', '☾'], warn: ['warn', '!'], caught: ['warn', '!'], retrying: ['warn', '↻'], PENDING_REDRIVE: ['warn', '↻'],
  failed: ['bad', '✕'], FAILED: ['bad', '✕'], TIMED_OUT: ['bad', '✕'], ABORTED: ['bad', '■'], quarantined: ['bad', '✕'], teardown: ['bad', '✕'], proven: ['good', '✓'],
};
export const markOf = (status) => marks[status] ?? ['quiet', '○'];

export function Status({ of, label, title }) {
  const [kind, mark] = markOf(of);
  return html`<span class="status ${kind}" title=${title}><span aria-hidden="true">${mark}</span>${label ?? String(of).toLowerCase().replaceAll('_', ' ')}</span>`;
}

/**
 * A button for a route of the API. Whoever may not is told why: it can be
 * reached with the keyboard, and does nothing.
 */
export function Act({ route, owner, onClick, kind = '', blocked, children, ...rest }) {
  const reason = blocked || (route && why(route, owner));
  if (!reason) return html`<button type="button" class=${kind} onClick=${onClick} ...${rest}>${children}</button>`;
  return html`<button type="button" class="${kind} off" aria-disabled="true" title=${reason} onClick=${(e) => e.preventDefault()} ...${rest}>${children}<span class="unseen"> (not possible: ${reason})</span></button>`;
}

/** Asks before something is done. It says what will be removed, and wants the name typed where that is much. */
export function Dialog({ title, act, danger, typed, onAct, onClose, disabled, children }) {
  const ref = useRef();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState();
  useEffect(() => {
    ref.current.showModal();
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    if (typed && text !== typed) return;
    setBusy(true);
    setError();
    try {
      if ((await onAct(new FormData(event.target))) !== false) onClose();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return html`<dialog ref=${ref} aria-labelledby="dialog-title" onClose=${onClose} onClick=${(e) => e.target === ref.current && !busy && ref.current.close()}>
    <form onSubmit=${submit} novalidate>
      <h2 id="dialog-title">${title}</h2>
      <div class="dialog-body">${children}
        ${typed && html`<label>Type <strong class="mono">${typed}</strong> to go on
          <input name="typed" autocomplete="off" spellcheck="false" value=${text} onInput=${(e) => setText(e.target.value)} /></label>`}
        ${error && html`<${Failure} error=${error} />`}
      </div>
      <div class="dialog-acts">
        <button type="button" onClick=${() => ref.current.close()}>${act ? 'Cancel' : 'Close'}</button>
        ${act && html`<button class=${danger ? 'danger' : 'primary'} disabled=${busy || disabled || (typed && text !== typed)}>${busy ? 'One moment…' : act}</button>`}
      </div>
    </form>
  </dialog>`;
}

/** What went wrong: what happened, why, what to do now. */
export function Failure({ error, retry }) {
  return html`<div class="failure" role="alert">
    <strong>${error.title ?? 'Something went wrong'}</strong>
    ${!error.fields?.length ? html`<p>${error.detail ?? error.message}</p>` : html`<ul>${error.fields.map((f) => html`<li><code>${f.field}</code> must be ${f.rule}</li>`)}</ul>`}
    ${retry && html`<button type="button" onClick=${retry}>Try again</button>`}
  </div>`;
}

export const Empty = ({ title, children }) => html`<div class="empty"><strong>${title}</strong><div>${children}</div></div>`;

/** Bars where the content will be: only after a moment, for most answers are there before. */
export const Loading = ({ lines = 4 }) => html`<div class="loading" role="status"><span class="unseen">Loading</span>${Array.from({ length: lines }, () => html`<i></i>`)}</div>`;

/** Shows what useLoad has: bars, what went wrong, or the content. */
export function Loaded({ of, lines, children }) {
  if (of.data !== undefined) return html`${of.error && html`<${Failure} error=${of.error} retry=${of.reload} />`}${children(of.data)}`;
  return of.error ? html`<${Failure} error=${of.error} retry=${of.reload} />` : html`<${Loading} lines=${lines} />`;
}

/** Loads by a function that takes an AbortSignal, again every so many milliseconds. */
export function useLoad(load, deps, every) {
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  useEffect(() => {
    setState({});
  }, deps);
  useEffect(() => {
    const stop = new AbortController();
    let timer;
    load(stop.signal).then(
      (data) => stop.signal.aborted || setState({ data }),
      (error) => stop.signal.aborted || setState((before) => ({ ...before, error })),
    ).then(() => {
      // Not before the answer is there: one that takes longer would never come.
      if (every && !stop.signal.aborted) timer = setTimeout(reload, every);
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [...deps, turn]);
  return { ...state, reload };
}

/** Draws again every so many milliseconds, for times that go on. */
export function useTick(every = 1000, on = true) {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => setTick((n) => n + 1), every);
    return () => clearInterval(timer);
  }, [every, on]);
}

export const Time = ({ of, until }) => html`<time datetime=${of} title=${when(of)}>${until ? until(of) : ago(of)}</time>`;

/** How long something is under way, and how far it probably is. */
export function Eta({ since, at }) {
  useTick(1000);
  if (!since) return null;
  const passed = now() - Date.parse(since);
  const whole = at ? Date.parse(at) - Date.parse(since) : 0;
  return html`<span class="eta">${whole > 0 && html`<progress max="1" value=${Math.min(passed / whole, 0.99)} aria-label="How far it is"></progress>`}
    ${duration(passed)}${whole > 0 && html` of about ${duration(whole)}`}</span>`;
}

/** A text that is ready to copy. */
export function Copy({ text, block }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      setCopied(false); // the browser does not let it; the text can be marked
    }
  };
  const button = html`<button type="button" class="copy" onClick=${copy} aria-label="Copy ${text.length > 40 ? 'this' : text}">${copied ? 'Copied' : 'Copy'}</button>`;
  return block ? html`<div class="code"><pre tabindex="0"><code>${text}</code></pre>${button}</div>` : html`<span class="copyable"><code title=${text}>${text}</code>${button}</span>`;
}

/** Tabs that are addresses. */
export const Tabs = ({ tabs, at, label }) => html`<nav class="tabs" aria-label=${label}>
  ${tabs.map(([name, text, href]) => html`<a href=${href} aria-current=${name === at ? 'page' : undefined}>${text}</a>`)}
</nav>`;

/** Facts are [name, value, class]; those without a value are left out. */
export const Facts = ({ of }) => html`<dl class="facts">${of.filter(([, value]) => value !== undefined && value !== '' && value !== null).map(([name, value, kind]) => html`<div class=${kind}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

/** The title of a column of buttons. */
export const act = html`<span class="unseen">What can be done</span>`;

/** A table of few rows; columns are [title, cell, class]. */
export const Table = ({ caption, columns, rows, id }) => html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}><table>
  <caption class="unseen">${caption}</caption>
  <thead><tr>${columns.map(([title, , kind]) => html`<th scope="col" class=${kind}>${title}</th>`)}</tr></thead>
  <tbody>${rows.map((row) => html`<tr key=${id?.(row)}>${columns.map(([, cell, kind]) => html`<td class=${kind}>${cell(row)}</td>`)}</tr>`)}</tbody>
</table></div>`;
