// How quick the console is: until a page can be used, from one page to the next, and through an inbox of five thousand.
import { test, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { fillInbox } from '../support/many';
import { desktop, loaded, Site } from '../support/site';

const rounds = 5;
const conversations = 5_000;

const pages = { Home: '', Inbox: 'inbox', Conversations: 'conversations', Knowledge: 'knowledge', Settings: 'settings/members' } as const;
type Name = keyof typeof pages;

type Watch = { shown: number | null; since: number; longest: number; lastEnd: number };

/** Notes when the page has its heading and nothing on it is still loading, and every task of more than 50 ms. */
const watch = () => {
  const w = window as unknown as { watch: Watch };
  w.watch = { shown: null, since: 0, longest: 0, lastEnd: 0 };
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) {
      w.watch.longest = Math.max(w.watch.longest, e.duration);
      w.watch.lastEnd = Math.max(w.watch.lastEnd, e.startTime + e.duration);
    }
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (w.watch.shown !== null) return;
    const main = document.querySelector('main');
    const busy = main?.querySelector('[aria-busy=true], [role=status][aria-label="Loading"]');
    if (!main?.querySelector('h1') || busy || document.documentElement.dataset.awaited && location.pathname.replace(/\/$/, '') !== document.documentElement.dataset.awaited) return;
    // Painted, not only put into the document.
    requestAnimationFrame(() => requestAnimationFrame(() => { w.watch.shown ??= performance.now(); }));
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-busy'] });
};

const median = (all: number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
const spread = (all: number[]): string => `${median(all).toFixed(0)} (${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)})`;

async function signedIn(browser: Browser, site: Site): Promise<BrowserContext> {
  const context = await browser.newContext({ ...desktop, storageState: await site.owner.context.storageState() });
  await context.addInitScript(watch);
  return context;
}

const shownAt = (page: Page): Promise<number> => page.waitForFunction(() => (window as unknown as { watch: Watch }).watch.shown).then((handle) => handle.jsonValue() as Promise<number>);

/** From the navigation to the page with all it shows, and to the end of the last long task begun by then. */
async function visit(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: 'commit' });
  const shown = await shownAt(page);
  await page.waitForTimeout(300);
  return page.evaluate((at) => Math.max(at, Math.min((window as unknown as { watch: Watch }).watch.lastEnd, at + 300)), shown);
}

test('figures', async ({ browser }) => {
  const site = await Site.open(browser);
  const base = `${site.parley.url}/console/`;
  const out: string[] = [];
  try {
    const first: Record<string, number[]> = {};
    const again: Record<string, number[]> = {};
    for (let round = 0; round < rounds; round++) {
      for (const [name, path] of Object.entries(pages)) {
        const context = await signedIn(browser, site);
        const page = await context.newPage();
        (first[name] ??= []).push(await visit(page, base + path));
        (again[name] ??= []).push(await visit(page, base + path));
        await context.close();
      }
    }
    const moved = await changes(browser, site, base);
    out.push('| page | first visit, empty cache, ms | again, ms | route change, first, ms | route change, again, ms |', '|---|---|---|---|---|');
    for (const name of Object.keys(pages)) out.push(`| ${name} | ${spread(first[name]!)} | ${spread(again[name]!)} | ${spread(moved.first[name]!)} | ${spread(moved.again[name]!)} |`);
    await fillInbox(site.parley, site.owner, conversations);
    out.push('', ...await scrolling(browser, site, base));
  } finally {
    await site.dispose();
  }
  process.stdout.write(`\nMedian (least–most) of ${rounds}\n\n${out.join('\n')}\n`);
});

/** By the navigation, as a person does: the pointer comes, rests for a tenth of a second, and clicks. */
async function changes(browser: Browser, site: Site, base: string): Promise<Record<'first' | 'again', Record<string, number[]>>> {
  const result: Record<'first' | 'again', Record<string, number[]>> = { first: {}, again: {} };
  for (let round = 0; round < rounds; round++) {
    const context = await signedIn(browser, site);
    const page = await context.newPage();
    await page.goto(`${base}tasks`);
    await loaded(page);
    await page.waitForTimeout(2_500);
    for (const kind of ['first', 'again'] as const) {
      for (const [name, path] of Object.entries(pages) as [Name, string][]) {
        const link = page.getByRole('navigation').first().getByRole('link', { name: new RegExp(`^${name}`) });
        await link.hover();
        await page.waitForTimeout(100);
        await page.evaluate((awaited) => {
          const w = window as unknown as { watch: Watch; begun: number };
          document.documentElement.dataset.awaited = awaited;
          document.addEventListener('click', () => { w.begun = performance.now(); w.watch.shown = null; }, { capture: true, once: true });
        }, `/console${path && `/${path}`}`);
        await link.click();
        const shown = await shownAt(page);
        (result[kind][name] ??= []).push(shown - (await page.evaluate(() => (window as unknown as { begun: number }).begun)));
        await page.waitForTimeout(200);
      }
      // Back to where it began, within the console: what was read stays.
      await page.getByRole('navigation').first().getByRole('link', { name: 'Tasks' }).click();
      await loaded(page);
    }
    await context.close();
  }
  return result;
}

/** All the way down, as quickly as somebody who throws the wheel; more is loaded on the way. */
async function scrolling(browser: Browser, site: Site, base: string): Promise<string[]> {
  const context = await signedIn(browser, site);
  const page = await context.newPage();
  await page.goto(`${base}inbox?view=open`, { waitUntil: 'commit' });
  await page.locator('li[data-index="0"] a').waitFor();
  const toFirstRow = await page.evaluate(() => performance.now());
  await page.waitForTimeout(1_000);
  const seen = await page.evaluate(async (wanted) => {
    const w = window as unknown as { watch: Watch };
    w.watch.longest = 0;
    const list = document.querySelector('li[data-index]')!.closest('ul')!;
    const scroller = list.parentElement!;
    const frames: number[] = [];
    const last = () => Math.max(...[...list.querySelectorAll<HTMLElement>('li[data-index]')].map((e) => Number(e.dataset.index)));
    let before = performance.now();
    const begun = before;
    let most = 0;
    for (let idle = 0; idle < 600 && performance.now() - begun < 240_000;) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - before);
      before = now;
      scroller.scrollTop += 400;
      most = Math.max(most, list.children.length);
      if (last() + 1 >= wanted) break;
      idle = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1 ? idle + 1 : 0;
    }
    frames.sort((a, b) => a - b);
    const at = (share: number) => frames[Math.floor((frames.length - 1) * share)]!;
    return { reached: last() + 1, seconds: (performance.now() - begun) / 1000, frames: frames.length, median: at(0.5), p95: at(0.95), worst: at(1), dropped: frames.filter((f) => f > 25).length, longest: w.watch.longest, most };
  }, conversations);
  await context.close();
  return [
    '| inbox of 5,000 open conversations | value |', '|---|---|',
    `| navigation to the first row | ${toFirstRow.toFixed(0)} ms |`,
    `| rows reached by scrolling, 50 loaded at a time | ${seen.reached} in ${seen.seconds.toFixed(1)} s |`,
    `| rows on the page at most | ${seen.most} |`,
    `| frame, median / p95 / worst | ${seen.median.toFixed(1)} / ${seen.p95.toFixed(1)} / ${seen.worst.toFixed(1)} ms of ${seen.frames} |`,
    `| frames of more than 25 ms | ${seen.dropped} = ${((seen.dropped / seen.frames) * 100).toFixed(1)} % |`,
    `| longest task | ${seen.longest.toFixed(0)} ms |`,
  ];
}
