// Draws a state machine from its own definition.
import { Graph, layout } from './vendor/dagre.js';
import { html, useMemo, useState } from './view.js';
import { inside, nexts } from './states.js';
import { duration } from './format.js';
import { markOf } from './parts.js';

const node = { width: 184, height: 44 };
const margin = 12;
const head = 30;

/** Places the states of a machine, and of those inside; sizes are pixels. */
function place(machine) {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 16, ranksep: 28, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  const inner = new Map();
  for (const [name, state] of Object.entries(machine.States)) {
    const branches = inside(state).map(place);
    inner.set(name, branches);
    const size = branches.length
      ? { width: Math.max(node.width, branches.reduce((sum, b) => sum + b.width, 0) + margin * (branches.length + 1)), height: Math.max(...branches.map((b) => b.height)) + head + margin }
      : { ...node };
    graph.setNode(name, size);
  }
  const kinds = [];
  for (const [name, state] of Object.entries(machine.States)) {
    const seen = new Set();
    for (const [to, kind, title] of nexts(state)) {
      // Two ways to the same state are one line with both titles.
      const same = kinds.find((k) => k.from === name && k.to === to);
      if (same) same.title = [same.title, title].filter(Boolean).join('\n');
      if (seen.has(to) || !machine.States[to]) continue;
      seen.add(to);
      kinds.push({ from: name, to, kind, title });
      graph.setEdge(name, to, {});
    }
  }
  layout(graph);
  const nodes = Object.keys(machine.States).map((name) => {
    const { x, y, width, height } = graph.node(name);
    const left = x - width / 2;
    const top = y - height / 2;
    let offset = left + (width - inner.get(name).reduce((sum, b) => sum + b.width + margin, -margin)) / 2;
    const branches = inner.get(name).map((b) => {
      const at = { x: offset, y: top + head, ...b };
      offset += b.width + margin;
      return at;
    });
    return { name, state: machine.States[name], left, top, width, height, branches };
  });
  const edges = kinds.map((k) => ({ ...k, points: graph.edge(k.from, k.to).points }));
  return { width: graph.graph().width, height: graph.graph().height, nodes, edges };
}

const line = (points) => {
  let path = `M${points[0].x},${points[0].y}`;
  for (let i = 1; i < points.length - 1; i++) {
    const { x, y } = points[i];
    const next = points[i + 1];
    path += i === points.length - 2 ? ` Q${x},${y} ${next.x},${next.y}` : ` Q${x},${y} ${(x + next.x) / 2},${(y + next.y) / 2}`;
  }
  if (points.length === 2) path += ` L${points[1].x},${points[1].y}`;
  return path;
};

const brief = (name) => (name.length > 21 ? `${name.slice(0, 20)}…` : name);

function State({ at, states, selected, onSelect, now }) {
  const known = states.get(at.name);
  const status = known?.status ?? 'waiting';
  const [kind, mark] = known ? markOf(status) : ['unseen-state', '·'];
  const open = known?.open > 0 && (status === 'running' || status === 'retrying');
  const took = known && (open ? known.took + Math.max(0, now - known.since) : known.took);
  const note = known ? [took !== undefined && duration(took), known.times > 1 && `${known.times}×`, known.retries > 0 && `${known.retries} ${known.retries === 1 ? 'retry' : 'retries'}`].filter(Boolean).join(' · ') : at.state.Type.toLowerCase();
  // What is to be read comes first, as it is read.
  const label = `${brief(at.name)} ${note}, ${status}${known?.error ? `, ${known.error}` : ''}`;
  const press = (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onSelect(at.name);
  };
  const box = at.branches.length > 0;
  return html`<g class="state ${kind} ${box ? 'box' : ''} ${open ? 'open' : ''} ${selected === at.name ? 'selected' : ''}" data-state=${at.name} data-status=${status}>
    <title>${label}</title>
    <g role="button" tabindex="0" aria-label=${label} aria-pressed=${selected === at.name} onClick=${() => onSelect(at.name)} onKeyDown=${press}>
      <rect x=${at.left} y=${at.top} width=${at.width} height=${at.height} rx="6" />
      <rect class="stripe" x=${at.left} y=${at.top} width="5" height=${box ? head - 4 : at.height} rx="2" />
      <text class="name" x=${at.left + 14} y=${at.top + 19}>${brief(at.name)}</text>
      <text class="mark" x=${at.left + at.width - 12} y=${at.top + 19} text-anchor="end" aria-hidden="true">${mark}</text>
      ${box ? html`<text class="note" x=${at.left + at.width - 28} y=${at.top + 19} text-anchor="end">${note}</text>` : html`<text class="note" x=${at.left + 14} y=${at.top + 35}>${note}</text>`}
    </g>
    ${at.branches.map((b) => html`<g transform="translate(${b.x},${b.y})"><${Machine} at=${b} states=${states} selected=${selected} onSelect=${onSelect} now=${now} /></g>`)}
  </g>`;
}

function Machine({ at, states, selected, onSelect, now }) {
  return html`${at.edges.map((e) => html`<path class="edge ${e.kind} ${states.has(e.to) && states.has(e.from) ? 'taken' : ''}" d=${line(e.points)} marker-end="url(#arrow)">${e.title && html`<title>${e.title}</title>`}</path>`)}
    ${at.nodes.map((n) => html`<${State} key=${n.name} at=${n} states=${states} selected=${selected} onSelect=${onSelect} now=${now} />`)}`;
}

/** The graph of a definition; states is what follow() found. */
export function MachineGraph({ definition, states, selected, onSelect, now, label }) {
  const at = useMemo(() => place(definition), [definition]);
  const [fit, setFit] = useState(true);
  return html`<div class="graph ${fit ? 'fit' : ''}" tabindex="0" role="region" aria-label=${label}>
    <svg viewBox="0 0 ${at.width} ${at.height}" width=${at.width} height=${at.height} style=${{ maxWidth: `${at.width}px` }} role="group" aria-label="${label}: the states; each can be chosen">
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0,0 8,4 0,8z" /></marker></defs>
      <${Machine} at=${at} states=${states} selected=${selected} onSelect=${onSelect} now=${now} />
    </svg></div>
  <label class="choice"><input type="checkbox" checked=${fit} onChange=${(e) => setFit(e.target.checked)} /> fit the width</label>`;
}
