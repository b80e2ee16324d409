// A table of any length: only the rows in sight are in the page.
import { html, useState, useRef, useLayoutEffect } from './view.js';
import { drawn, height, target } from './sight.js';

/**
 * columns are {key, title, cell, sort, kind}; rows have an id. The arrow keys,
 * Home, End, Page Up and Page Down go from row to row.
 */
export function Rows({ caption, columns, rows, id, order, onOrder, href }) {
  const box = useRef();
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = box.current;
    const measure = () => setSeen({ top: element.scrollTop, height: element.clientHeight });
    let asked = 0;
    const scrolled = () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(measure);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', scrolled);
    };
  }, []);
  const { first, last } = drawn(seen, rows.length);

  const key = (event) => {
    const at = Number(event.target.closest('tr')?.dataset.at ?? -1);
    const next = target(event.key, at, seen, rows.length);
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('thead')) return;
    event.preventDefault();
    const element = box.current;
    const above = next * height;
    if (above < element.scrollTop) element.scrollTop = above;
    else if (above + 2 * height > element.scrollTop + element.clientHeight) element.scrollTop = above + 2 * height - element.clientHeight;
    setSeen({ top: element.scrollTop, height: element.clientHeight });
    requestAnimationFrame(() => element.querySelector(`tr[data-at="${next}"] a`)?.focus({ preventScroll: true }));
  };

  const head = (c) => {
    const sorted = order.key === c.key;
    return html`<th scope="col" class=${c.kind} aria-sort=${sorted ? (order.down ? 'descending' : 'ascending') : undefined}>
      ${c.sort ? html`<button type="button" class="sort" onClick=${() => onOrder({ key: c.key, down: sorted && !order.down })}>${c.title}<span class="order" aria-hidden="true">${sorted ? (order.down ? '↓' : '↑') : ''}</span></button>` : c.title}</th>`;
  };
  const space = (n) => n > 0 && html`<tr class="space" aria-hidden="true" style=${{ height: `${n * height}px` }}><td colspan=${columns.length}></td></tr>`;
  return html`<div class="rows" style=${{ '--rows': rows.length }} ref=${box} onKeyDown=${key} tabindex="0" role="region" aria-label=${caption}>
    <table aria-rowcount=${rows.length + 1}>
      <caption class="unseen">${caption}</caption>
      <thead><tr aria-rowindex="1">${columns.map(head)}</tr></thead>
      <tbody>
        ${space(first)}
        ${rows.slice(first, last).map((row, i) => html`<tr key=${id(row)} data-at=${first + i} aria-rowindex=${first + i + 2}>
          ${columns.map((c, n) => html`<td class=${c.kind}>${n === 0 ? html`<a href=${href(row)}>${c.cell(row)}</a>` : c.cell(row)}</td>`)}</tr>`)}
        ${space(rows.length - last)}
      </tbody>
    </table>
  </div>`;
}
