import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const chromium = process.env.PARLEY_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromium)) throw new Error(`The end-to-end tests need Chromium at ${chromium} (apt-get install chromium), or PARLEY_CHROMIUM.`);

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each file has a Parley of its own.
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    locale: 'en-GB',
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    // Without a film: it would draw every page several times a second, and what each step saw is kept as a document.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: true },
    launchOptions: {
      executablePath: chromium,
      // The sandbox needs privileges that root in a container lacks; the rest keeps the browser from calling home.
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
});
