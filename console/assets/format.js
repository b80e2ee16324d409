// How things are written for people.
import { now } from './api.js';

const units = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]];

/** A duration: 3 d 4 h, 12 min, 4.2 s, 30 ms. */
export function duration(milliseconds) {
  if (!(milliseconds >= 0)) return '–';
  if (milliseconds < 995) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  for (let i = 0; i < units.length; i++) {
    const [name, size] = units[i];
    if (milliseconds < size) continue;
    const whole = Math.floor(milliseconds / size);
    const next = units[i + 1];
    const part = next && whole < 10 ? Math.floor((milliseconds % size) / next[1]) : 0;
    return part ? `${whole} ${name} ${part} ${next[0]}` : `${whole} ${name}`;
  }
  return '0 s';
}

/** How long ago, or until, by the server's clock. */
export function ago(time) {
  if (!time) return '–';
  const passed = now() - Date.parse(time);
  if (passed < -1000) return `in ${duration(-passed)}`;
  return passed < 5000 ? 'just now' : `${duration(passed)} ago`;
}

export function left(time) {
  if (!time) return 'no end';
  const rest = Date.parse(time) - now();
  return rest > 0 ? duration(rest) : 'ended';
}

/** Bytes as people count them: 2.7 kB. */
export function bytes(n) {
  if (n === undefined || n === null) return '–';
  const names = ['B', 'kB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (n >= 999.5 && i < names.length - 1) {
    n /= 1000;
    i++;
  }
  return `${i && n < 10 ? n.toFixed(1) : Math.round(n)} ${names[i]}`;
}

const counts = new Intl.NumberFormat('en');
export const count = (n) => counts.format(n ?? 0);
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
export const when = (time) => (time ? times.format(new Date(time)) : '–');

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
/** A time to the minute, for what is planned or long past. */
export const moment = (time) => (time ? moments.format(new Date(time)) : '–');

const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
export const day = (time) => (time ? days.format(new Date(time)) : '–');

const clocks = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
export const clock = (time) => clocks.format(new Date(time));

export const short = (digest) => (digest ?? '').replace(/^sha256:/, '').slice(0, 12);

const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Money in USD, a number or a decimal text, to the cent; with fine, to a hundredth of one where it is less. */
export function usd(amount, fine) {
  if (amount === undefined || amount === null || amount === '') return '–';
  const n = Math.abs(Number(amount));
  const least = fine ? 0.0001 : 0.01;
  const text = n === 0 || n >= 0.01 ? `$${cents.format(n)}` : n < least ? `< $${least}` : `$${n.toFixed(4)}`;
  return `${amount < 0 ? '−' : ''}${text}`;
}

/** A decimal text without the zeros at its end. */
export const exact = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** JSON with its lines, or the text as it is. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text ?? '';
  }
}
