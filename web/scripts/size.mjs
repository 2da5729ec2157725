// What the first page loads, packed, held to its budget. Run after the build.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 200;
const OUT = join(import.meta.dirname, '../../src/heartline/server/static');
const manifest = JSON.parse(readFileSync(join(OUT, '.vite/manifest.json'), 'utf8'));
const entry = Object.values(manifest).find((each) => each.isEntry);
const files = new Set();
const take = (chunk) => {
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const name of chunk.imports ?? []) take(manifest[name]);
};
const packed = (file) => gzipSync(readFileSync(join(OUT, file)), { level: 9 }).length / 1000;
const sum = () => [...files].reduce((all, file) => all + packed(file), 0);
take(entry);
const first = sum();
// The workspace is the heaviest page: with its chunks it must hold the budget, too.
take(manifest['src/app/pages/workspace.tsx']);
const whole = sum();
console.log(
  `first page ${first.toFixed(1)} kB, with the workspace ${whole.toFixed(1)} kB, budget ${BUDGET_KB} kB (gz, JS and CSS)`,
);
if (whole > BUDGET_KB) process.exit(1);
