// How the bundle is made: into the server's package, hashed and packed. Never fetches anything.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const OUT = resolve(import.meta.dirname, '../src/heartline/server/static');
const LICENSES = 'licenses.md';
const PACKED = /\.(js|css|svg|html)$/;

/** Every text file a second and third time, packed, so that the server need not. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !PACKED.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
      }
    },
  };
}

/** Fonts come by way of style sheets: their licenses go beside those of the bundled code. */
function fontLicenses(): Plugin {
  const read = (path: string) => readFileSync(resolve(import.meta.dirname, path), 'utf-8');
  const names = Object.keys(JSON.parse(read('package.json')).dependencies);
  return {
    name: 'font-licenses',
    apply: 'build',
    closeBundle() {
      for (const name of names.filter((each) => each.startsWith('@fontsource')))
        appendFileSync(
          join(OUT, LICENSES),
          `\n## ${name}\n\n${read(`node_modules/${name}/LICENSE`)}`,
        );
    },
  };
}

export default defineConfig({
  plugins: [react(), fontLicenses(), packed()],
  resolve: { alias: { '@': resolve(import.meta.dirname, 'src') } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    manifest: true,
    target: 'es2023',
    license: { fileName: LICENSES },
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': process.env.HEARTLINE_BASE_URL ?? 'http://127.0.0.1:8787',
    },
  },
});
