// Light, dark, or as the system says. Never asks the server.
export type Theme = 'light' | 'dark' | 'system';

const STORED = 'heartline.theme';
const watchers = new Set<() => void>();
const system = matchMedia('(prefers-color-scheme: dark)');

export function theme(): Theme {
  const said = localStorage.getItem(STORED);
  return said === 'light' || said === 'dark' ? said : 'system';
}

function apply(): void {
  const said = theme();
  const dark = said === 'dark' || (said === 'system' && system.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  for (const watcher of watchers) watcher();
}

export function setTheme(next: Theme): void {
  localStorage.setItem(STORED, next);
  apply();
}

export function shownTheme(): string {
  return document.documentElement.dataset.theme ?? 'light';
}

export function flipTheme(): void {
  setTheme(shownTheme() === 'dark' ? 'light' : 'dark');
}

export function watchTheme(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

system.addEventListener('change', apply);
