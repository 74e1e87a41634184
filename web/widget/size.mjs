// The budgets of the widget: what a customer's page pays before anybody asks a question. Fails the build when exceeded.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LOADER_BYTES = 5_000;
const FIRST_OPEN_GZIPPED = 30_000;

const loader = readFileSync('dist/loader.js');
const html = readFileSync('dist/frame.html');
const assets = [...html.toString().matchAll(/(?:src|href)="\/widget\/v1\/([^"]+)"/g)].map((match) => match[1]);
const firstOpen = [html, ...assets.map((path) => readFileSync(`dist/${path}`))].reduce((sum, body) => sum + gzipSync(body).length, 0);

console.log(`loader ${loader.length} bytes (${gzipSync(loader).length} gzipped), first open ${firstOpen} bytes gzipped`);
if (loader.length > LOADER_BYTES || firstOpen > FIRST_OPEN_GZIPPED) {
  console.error(`Over budget: loader ≤ ${LOADER_BYTES} bytes, first open ≤ ${FIRST_OPEN_GZIPPED} bytes gzipped.`);
  process.exit(1);
}
