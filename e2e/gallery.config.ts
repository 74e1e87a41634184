import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

// The pictures of docs/screens/pages: ./parley screens. They check nothing; somebody looks at them.
export default defineConfig(tests, { testDir: 'gallery', testMatch: '*.ts', workers: 1, timeout: 1_800_000 });
