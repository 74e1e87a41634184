import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

// Kept pictures are written only when asked for (PARLEY_SCREENS=1): they are looked at before they are committed.
const kept = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'screens');
const folder = process.env.PARLEY_SCREENS ? kept : join(dirname(fileURLToPath(import.meta.url)), '..', 'test-results', 'screens');

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // Without what lies over the page for some seconds and is gone.
  const passing = page.locator('[role=region]:has(> [aria-live])');
  await passing.evaluateAll((all) => all.forEach((e) => { (e as HTMLElement).style.visibility = 'hidden'; }));
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  await passing.evaluateAll((all) => all.forEach((e) => { (e as HTMLElement).style.visibility = ''; }));
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What depends on the scheme; everything else is the same document in both. */
const colours = ['color-contrast', 'link-in-text-block'];

/** No violation of WCAG 2.2 A and AA, on the page and in its frames, in both colour schemes. */
export async function accessible(page: Page): Promise<void> {
  await Promise.all(page.frames().map((frame) => frame.evaluate(() => {
    // Colours on their way from one scheme to the other are neither.
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after { transition: none !important; animation-duration: 0s !important; }');
    document.adoptedStyleSheets.push(still);
  })));
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === 'dark' ? axe.withRules(colours) : axe.withTags(rules)).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`), `axe, ${colorScheme}`).toEqual([]);
  }
}
