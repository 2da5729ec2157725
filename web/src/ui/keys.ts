// Single keys and sequences, off while somebody types. Never acts on a key with Ctrl or Alt.
import { useEffect, useRef } from 'react';

export interface Binding {
  /** `j`, `Shift+Y`, or a sequence such as `g r`. */
  keys: string;
  words: string;
  act: (event: KeyboardEvent) => void;
}

const layers: { current: Binding[] }[] = [];
const SEQUENCE_MS = 1_000;
const STORED = 'heartline.keys';
let first = '';
let firstAt = 0;

export function keysOn(): boolean {
  return localStorage.getItem(STORED) !== 'off';
}

export function setKeysOn(on: boolean): void {
  localStorage.setItem(STORED, on ? 'on' : 'off');
}

/** All that can be pressed now, for the list of keys. */
export function bindings(): Binding[] {
  return layers.flatMap((layer) => layer.current);
}

export function useKeys(said: Binding[]): void {
  const layer = useRef(said);
  layer.current = said;
  useEffect(() => {
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && target.type === 'checkbox')
  );
}

function name(event: KeyboardEvent): string {
  return event.shiftKey && /^[A-Z]$/.test(event.key) ? `Shift+${event.key}` : event.key;
}

export function listenToKeys(): () => void {
  const heard = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!keysOn() || typing(event.target) || document.querySelector('dialog[open]')) return;
    const key = name(event);
    const sequence = first && event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${key}` : '';
    const all = layers.toReversed().flatMap((layer) => layer.current);
    const found =
      (sequence && all.find((each) => each.keys === sequence)) ||
      all.find((each) => each.keys === key);
    first = !found && all.some((each) => each.keys.startsWith(`${key} `)) ? key : '';
    firstAt = event.timeStamp;
    const onControl =
      event.target instanceof HTMLElement &&
      event.target.closest('button, a, summary') &&
      (key === 'Enter' || key === ' ');
    if (found && !onControl) {
      event.preventDefault();
      found.act(event);
    }
  };
  addEventListener('keydown', heard);
  return () => removeEventListener('keydown', heard);
}
