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

/** Numbers by name; 0 forgets one. */
export function useStoredNumbers(
  name: string,
): [Readonly<Record<string, number>>, (part: string, value: number) => void] {
  const key = `heartline.${name}`;
  const [values, setValues] = useState<Record<string, number>>(() => {
    try {
      return { ...JSON.parse(localStorage.getItem(key) ?? '{}') };
    } catch {
      return {};
    }
  });
  const set = useCallback(
    (part: string, value: number) =>
      setValues(({ [part]: _, ...others }) => {
        const next = value ? { ...others, [part]: value } : others;
        localStorage.setItem(key, JSON.stringify(next));
        return next;
      }),
    [key],
  );
  return [values, set];
}

export function useStoredNumber(name: string, first: number): [number, (next: number) => void] {
  return useStored(name, (said) =>
    said !== null && Number.isFinite(Number(said)) ? Number(said) : first,
  );
}
