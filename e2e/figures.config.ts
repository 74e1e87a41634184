import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

// How quick the console is: npm run figures -w e2e. It asserts nothing; bench/RESULTS.md says what came out, and on which machine.
export default defineConfig(tests, { testDir: 'figures', testMatch: '*.ts', workers: 1, timeout: 1_800_000, reporter: [['line']], use: { trace: 'off' } });
