// Who is signed in in this tab, until it is closed or the token ends: by a token
// that was pasted, or by an issuer's.
const key = 'mayfly-session';
/** The most milliseconds that a timer can wait. */
const longest = 2 ** 31 - 1;

/** token, until when it holds in milliseconds (0 for nobody knows), and the ID token to sign out with. */
const nobody = { token: '', until: 0, idToken: '' };
let current = nobody;
let timer;
const listeners = new Set();

/** Calls back when a sign-in has ended by itself; returns what ends that. */
export function onEnded(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function watch() {
  clearTimeout(timer);
  if (current.until) timer = setTimeout(() => (over() ? end() : watch()), Math.min(Math.max(current.until - Date.now(), 0) + 50, longest));
}

const over = () => current.until > 0 && Date.now() >= current.until;

function end() {
  const { until } = current;
  forget();
  for (const listener of listeners) listener(until);
}

/** Goes on with what the tab has kept; returns when that ended, if it has. */
export function restore() {
  current = { ...nobody, ...JSON.parse(sessionStorage.getItem(key) ?? '{}') };
  if (over()) {
    const { until } = current;
    forget();
    return until;
  }
  watch();
  return 0;
}

export function keep(session) {
  current = { ...nobody, ...session };
  sessionStorage.setItem(key, JSON.stringify(current));
  watch();
}

export function forget() {
  clearTimeout(timer);
  current = nobody;
  sessionStorage.removeItem(key);
}

/** What the tab has; token is '' when nobody is signed in. */
export function session() {
  if (over()) end(); // a machine that slept has missed its timer
  return current;
}

/** The API does not know the token any more. */
export const refused = () => current.token && end();
