// An instance with something on every page of the console, and where those pages are.
import { expect, type Browser, type Page } from '@playwright/test';
import { Instance } from './instance';
import { Customer, Member, ownParley } from './people';

export const desktop = { viewport: { width: 1440, height: 900 } };
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export class Site {
  private constructor(readonly parley: Instance, readonly owner: Member, readonly customer: Customer, readonly addresses: Record<string, string>) {}

  static async open(browser: Browser, environment: Record<string, string> = {}): Promise<Site> {
    const { parley, owner, key } = await ownParley(browser, environment);
    const customer = await Customer.start(parley, key);
    await customer.ask('How do I embed the widget?');
    await customer.askForPerson();
    const first = async (path: string): Promise<string> => (await owner.call<{ items: { id: string }[] }>('GET', path)).items[0]!.id;
    const source = await first('/v1/knowledge/sources');
    const document = await first(`/v1/knowledge/documents?sourceId=${source}`);
    const turn = await first(`/v1/conversations/${customer.conversation}/turns`);
    const article = (await owner.call<{ id: string }>('POST', '/v1/knowledge/articles', { locale: 'en', title: 'How do I dock?', body: '## With a line\n\nThrow it to the quay.' })).id;
    const golden = (await owner.call<{ id: string }>('POST', '/v1/quality/golden-questions', { question: 'How do I embed the widget?', expectedDocumentId: document, language: 'en', tags: ['widget'] })).id;
    const run = (await owner.call<{ id: string }>('POST', '/v1/quality/golden-runs', { candidateVersion: 0 })).id;
    await expect.poll(async () => (await owner.call<{ state: string }>('GET', `/v1/quality/golden-runs/${run}`)).state).toBe('done');
    await owner.call('POST', '/v1/api-keys', { name: 'CRM sync', scopes: ['conversations:read'] });
    const webhook = (await owner.call<{ webhook: { id: string } }>('POST', '/v1/webhooks', { url: 'https://hooks.example.invalid/parley', events: ['message.created'], enabled: false })).webhook.id;
    await owner.call('POST', `/v1/webhooks/${webhook}/test`);
    await owner.call('POST', '/v1/workspace/exports');
    const addresses: Record<string, string> = {
      home: '', inbox: 'inbox', queue: `inbox/${customer.conversation}?view=queue`, conversations: 'conversations', conversation: `conversations/${customer.conversation}`,
      trace: `conversations/${customer.conversation}?turn=${turn}`, knowledge: 'knowledge', source: `knowledge/sources/${source}`, imports: `knowledge/sources/${source}?tab=imports`,
      'source settings': `knowledge/sources/${source}?tab=settings`, document: `knowledge/documents/${document}`, 'new website': 'knowledge/websites/new', articles: 'knowledge/articles', findings: 'knowledge/findings', article: `knowledge/articles/${article}`, 'new article': 'knowledge/articles/new', playground: 'assistant/playground',
      members: 'settings/members', roles: 'settings/roles', account: 'settings/account', keys: 'settings/keys', widget: 'settings/widget', webhooks: 'settings/webhooks', webhook: `settings/webhooks/${webhook}`, tasks: 'tasks', 'failed work': 'settings/jobs', models: 'settings/models', audit: 'settings/audit', privacy: 'settings/privacy', brands: 'settings/brands', profile: 'assistant/profile', answers: 'assistant/answers', handover: 'assistant/handover', 'how questions are looked up': 'assistant/search', questions: 'quality', confidence: 'quality/confidence', comparisons: 'quality/runs', 'two comparisons': 'quality/difference', comparison: `quality/runs/${run}`, 'compared question': `quality/runs/${run}/questions/${golden}`, costs: 'costs', 'paid calls': 'costs/calls', budget: 'costs/budget', 'no page': 'nowhere',
    };
    return new Site(parley, owner, customer, addresses);
  }

  dispose(): Promise<void> {
    return this.parley.dispose();
  }
}

export const loaded = async (page: Page): Promise<void> => {
  await expect(page.locator('h1, h2').first()).toBeVisible();
  await expect(page.locator('[aria-busy=true], [role=status][aria-label="Loading"]')).toHaveCount(0);
};

/** Some at a time: most of the time is waiting. */
export async function atOnce<T>(all: T[], visit: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await visit(next);
  }));
}
