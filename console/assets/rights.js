// What the caller may do, as the API says.
import { get } from './api.js';

let caller = { name: '', role: '', routes: {} };

export async function loadCaller() {
  caller = await get('/v1/whoami');
  return caller;
}

export const me = () => caller;

/** Whether this Mayfly has a route at all. */
export const has = (route) => caller.routes[route] !== undefined;

/** Why the caller may not ask a route about what an owner has; '' when it may. */
export function why(route, owner) {
  const scope = caller.routes[route];
  if (scope === 'all' || (scope === 'own' && (owner === undefined || owner === caller.name))) return '';
  if (scope === 'own') return `it is ${owner}’s, and your role (${caller.role}) changes only what is yours; its owner or an admin could`;
  return `your role is ${caller.role || 'unknown'}; an admin${/sandboxes/.test(route) ? ' or the owner' : ''} could`;
}
