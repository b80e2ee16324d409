// The colours that a person chose, before anything is drawn: light, dark, or
// what the system has.
const key = 'mayfly-theme';

export const themes = ['system', 'light', 'dark'];

export function theme() {
  try {
    const kept = localStorage.getItem(key);
    return themes.includes(kept) ? kept : 'system';
  } catch {
    return 'system'; // a browser that keeps nothing
  }
}

export function setTheme(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem(key, name);
  } catch {
    // It holds for this page, then.
  }
  dispatchEvent(new Event('mayfly-colours'));
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('mayfly-colours')));

document.documentElement.dataset.theme = theme();
