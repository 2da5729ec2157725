// A file for the one who looks, made of what the page has. Never asks for it.

const KEPT_MS = 10_000;

export function save(name: string, content: Blob | string, type = 'text/csv'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
