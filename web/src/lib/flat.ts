// Nested values as dotted lines, for search and display. Pure.

export type Nested = null | boolean | number | string | Nested[] | { [key: string]: Nested };

/** What clients note for themselves, as `_wandb` or `system._runtime`. */
export function internal(key: string): boolean {
  return /(^|[./])_/.test(key);
}

export function flat(values: Record<string, Nested>, head = ''): [string, Nested][] {
  return Object.entries(values).flatMap(([key, value]): [string, Nested][] =>
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.keys(value).length > 0
      ? flat(value, `${head}${key}.`)
      : [[head + key, value]],
  );
}
