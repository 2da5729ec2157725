// Word of what was just done, with a way back. Never for anything that must be read.
import { useEffect, useSyncExternalStore } from 'react';
import { undoView } from './address';

export interface Told {
  words: string;
  /** Takes it back; offered for a while. */
  undo?: () => void;
  /** Tries once more what failed; offered until it is closed. */
  again?: () => void;
}

const TOLD_MS = 8_000;
let told: Told | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;
const watchers = new Set<() => void>();

function set(next: Told | null): void {
  told = next;
  for (const each of watchers) each();
}

/** Shows the words in place of what was shown before. */
export function toast(words: string, ways: Omit<Told, 'words'> = {}): void {
  end();
  set({ words, ...ways });
  if (!ways.again) timer = setTimeout(end, TOLD_MS);
}

function end(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  set(null);
}

/** Takes back what was told last. */
export function undoLast(): boolean {
  const undo = told?.undo;
  if (!undo) return false;
  end();
  undo();
  return true;
}

function again(shown: Told): void {
  end();
  shown.again?.();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Toasts() {
  const shown = useSyncExternalStore(watch, () => told);
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea');
      if (!typing && (undoLast() || undoView())) event.preventDefault();
    };
    addEventListener('keydown', heard);
    return () => removeEventListener('keydown', heard);
  }, []);
  return (
    <div className="toasts" role="status">
      {shown && (
        <div className="toast">
          <span className="any">{shown.words}</span>
          {shown.undo && (
            <button type="button" className="button" onClick={undoLast}>
              Undo <kbd>Ctrl Z</kbd>
            </button>
          )}
          {shown.again && (
            <button type="button" className="button" onClick={() => again(shown)}>
              Try again
            </button>
          )}
          <button type="button" className="button plain" onClick={end}>
            Close
          </button>
        </div>
      )}
    </div>
  );
}
