// The two sides of a conversation, as the tests need them: somebody of the team with a session, and a customer without a browser.
import { randomUUID } from 'node:crypto';
import { expect, request, type APIRequestContext, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { Instance } from './instance';

type Json = Record<string, unknown>;

async function answer<T>(call: Promise<import('@playwright/test').APIResponse>): Promise<T> {
  const response = await call;
  expect(response.ok(), `${response.url()} ${response.status()} ${await response.text()}`).toBe(true);
  return (await response.text() ? await response.json() : null) as T;
}

/** A member's session, in the browser and for calls beside it. */
export class Member {
  private constructor(readonly context: BrowserContext, private readonly url: string) {}

  static async signIn(browser: Browser, parley: Instance, who: { email: string; password: string }, options: Parameters<Browser['newContext']>[0] = {}): Promise<Member> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const member = new Member(context, parley.url);
    await member.call('POST', '/v1/auth/sign-in', who);
    return member;
  }

  call<T = Json>(method: string, path: string, data?: unknown): Promise<T> {
    return answer<T>(this.context.request.fetch(this.url + path, { method, data, headers: { 'X-Parley-Csrf': '1', 'Idempotency-Key': randomUUID() } }));
  }

  async open(path: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${this.url}/console/${path}`);
    return page;
  }
}

/** Somebody who writes to the widget's API, as the frame does. */
export class Customer {
  private constructor(private readonly url: string, private readonly api: APIRequestContext, private readonly token: string, readonly conversation: string) {}

  static async start(parley: Instance, key: string): Promise<Customer> {
    const api = await request.newContext({ baseURL: parley.url });
    const { token } = await answer<{ token: string }>(api.post('/v1/widget/sessions', { data: { key, locale: 'en' } }));
    const { id } = await answer<{ id: string }>(api.post('/v1/widget/conversations', { data: {}, headers: { Authorization: `Bearer ${token}` } }));
    return new Customer(parley.url, api, token, id);
  }

  private async post(path: string, data: unknown): Promise<void> {
    await answer(this.api.post(`/v1/widget/conversations/${this.conversation}${path}`, { data, headers: { Authorization: `Bearer ${this.token}`, 'Idempotency-Key': randomUUID() } }));
  }

  /** The raw answer: what the customer's browser gets to see, every byte of it. */
  async messages(): Promise<string> {
    return (await this.api.get(`/v1/widget/conversations/${this.conversation}/messages?after=0&limit=200`, { headers: { Authorization: `Bearer ${this.token}` } })).text();
  }

  async ask(text: string): Promise<void> {
    const before = (await this.messages()).split('"assistant"').length;
    await this.post('/messages', { text, clientId: randomUUID() });
    await expect.poll(async () => (await this.messages()).split('"assistant"').length, { message: `an answer to “${text}”` }).toBeGreaterThan(before);
  }

  write(text: string): Promise<void> { return this.post('/messages', { text, clientId: randomUUID() }); }
  askForPerson(): Promise<void> { return this.post('/handoff', {}); }

  /** The customer's feed from now on: `heard` is every byte that came. */
  listen(): { heard: () => string; stop: () => void } {
    const stop = new AbortController();
    let text = '';
    void (async () => {
      const response = await fetch(`${this.url}/v1/feed`, { headers: { Authorization: `Bearer ${this.token}`, Accept: 'text/event-stream' }, signal: stop.signal });
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
    })().catch((error: unknown) => { if (!stop.signal.aborted) throw error; });
    return { heard: () => text, stop: () => stop.abort() };
  }
}

/** A Parley of one's own with its owner signed in, and the key of its first widget. */
export async function ownParley(browser: Browser, environment: Record<string, string> = {}): Promise<{ parley: Instance; owner: Member; key: string }> {
  const parley = await Instance.create(environment);
  try {
    await parley.start();
    const owner = await Member.signIn(browser, parley, parley.credentials);
    const key = (await owner.call<{ items: { publicKey: string }[] }>('GET', '/v1/widgets')).items[0]!.publicKey;
    return { parley, owner, key };
  } catch (e) {
    await parley.dispose();
    throw e;
  }
}
