// How a sandbox is used, day by day.
import { html, useState, useEffect, useRef } from './view.js';
import { get } from './api.js';
import { ago, bytes, count, plural } from './format.js';
import { Facts, Failure, Loaded, useLoad } from './parts.js';

let library;
/** The chart library, when the first chart is drawn, with its style. */
function charts() {
  library ??= import('./vendor/uplot.js').then((m) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = new URL('vendor/uplot.css', import.meta.url).href;
    document.head.append(style);
    return m.default;
  });
  return library;
}

/** A small chart, and the same as a table for those who don't see it. */
export function Chart({ title, days, of, format, total, top }) {
  const box = useRef();
  const [error, setError] = useState();
  const [look, setLook] = useState(0);
  useEffect(() => {
    const changed = () => setLook((n) => n + 1);
    addEventListener('mayfly-colours', changed);
    return () => removeEventListener('mayfly-colours', changed);
  }, []);
  const values = days.map(of);
  useEffect(() => {
    let chart;
    let left = false;
    charts().then((Plot) => {
      if (left) return;
      const colour = (name) => {
        box.current.style.color = `var(--${name})`; // computed, it is one colour: light or dark
        const found = getComputedStyle(box.current).color;
        box.current.style.color = '';
        return found;
      };
      const axis = { stroke: colour('muted'), ticks: { show: false }, font: '12px system-ui, sans-serif' };
      const day = (t) => new Date(t * 1000).toLocaleDateString(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
      chart = new Plot({
        width: box.current.clientWidth, height: 150, legend: { show: false }, cursor: { show: false },
        scales: { x: { time: true, range: (u, min, max) => [min - 43_200, max + 43_200] }, y: { range: (u, min, max) => [0, top ?? Math.max(max * 1.1, 1)] } },
        axes: [{ ...axis, grid: { show: false }, size: 26, space: 60, values: (u, at) => at.map(day) },
          { ...axis, grid: { stroke: colour('line'), width: 1 }, size: 62, space: 34, incrs: [1, 2, 5].flatMap((n) => Array.from({ length: 15 }, (_, e) => n * 10 ** e)).sort((x, y) => x - y), values: (u, at) => at.map(format) }],
        series: [{}, { stroke: colour('accent'), fill: colour('accent'), width: 0, points: { show: false }, paths: Plot.paths.bars({ size: [0.7, 40] }) }],
      }, [days.map((d) => Date.parse(d.date) / 1000), values], box.current);
    }, setError);
    return () => {
      left = true;
      chart?.destroy();
    };
  }, [JSON.stringify(values), look]);
  return html`<figure class="panel chart"><figcaption>${title}<strong>${total}</strong></figcaption>
    ${error && html`<${Failure} error=${error} />`}<div ref=${box} aria-hidden="true"></div>
    <table class="unseen"><caption>${title}</caption><tbody>${days.map((d, i) => html`<tr><th scope="row">${d.date}</th><td>${values[i] === null ? 'unknown' : format(values[i])}</td></tr>`)}</tbody></table></figure>`;
}

const sum = (days, of) => days.reduce((n, d) => n + of(d), 0);

export function Usage({ path }) {
  const [days, setDays] = useState(14);
  const found = useLoad((signal) => get(`${path}/stats?days=${days}`, signal), [path, days], 10_000);
  return html`<div class="filters"><label>The last <select value=${days} onChange=${(e) => setDays(Number(e.target.value))}>${[7, 14, 30, 90].map((n) => html`<option value=${n}>${n} days</option>`)}</select></label></div>
    <${Loaded} of=${found}>${(s) => html`
      <${Facts} of=${[['Last activity', `${s.lastActivity.kind}, ${ago(s.lastActivity.at)}`], ['Site', `${plural(s.site.files, 'file')}, ${bytes(s.site.bytes)}`], ['Images', `${count(s.images.count)}, ${bytes(s.images.bytes)}`]]} />
      ${s.unknown.length > 0 && html`<div class="note">Not everything is known: ${s.unknown.join('; ')}.</div>`}
      <div class="charts">
        <${Chart} title="Requests" days=${s.days} of=${(d) => d.requests} format=${count} total=${count(sum(s.days, (d) => d.requests))} />
        <${Chart} title="Bytes to readers" days=${s.days} of=${(d) => d.bytesDownloaded} format=${bytes} total=${bytes(sum(s.days, (d) => d.bytesDownloaded))} />
        <${Chart} title="Cache hits" days=${s.days} of=${(d) => d.hitRate ?? null} top=${100} format=${(n) => `${Math.round(n)} %`} total="" />
        <${Chart} title="Errors" days=${s.days} of=${(d) => d.errorRate ?? null} top=${100} format=${(n) => `${Math.round(n)} %`} total="" />
        <${Chart} title="Pulls" days=${s.days} of=${(d) => d.pulls} format=${count} total=${count(sum(s.days, (d) => d.pulls))} />
        <${Chart} title="Pushes" days=${s.days} of=${(d) => d.pushes} format=${count} total=${count(sum(s.days, (d) => d.pushes))} />
      </div>`}</${Loaded}>`;
}
