// Small settings of this browser. Never anything that a link should carry.
import { useCallback, useState } from 'react';

function useStored<T>(name: string, read: (said: string | null) => T): [T, (next: T) => void] {
  const key = `heartline.${name}`;
  const [value, setValue] = useState(() => read(localStorage.getItem(key)));
  const set = useCallback(
    (next: T) => {
      localStorage.setItem(key, String(next));
      setValue(next);
    },
    [key],
  );
  return [value, set];
}

export function useStoredFlag(name: string, first: boolean): [boolean, (next: boolean) => void] {
  return useStored(name, (said) => (said === null ? first : said === 'true'));
}

export function useStoredNumber(name: string, first: number): [number, (next: number) => void] {
  return useStored(name, (said) =>
    said !== null && Number.isFinite(Number(said)) ? Number(said) : first,
  );
}
