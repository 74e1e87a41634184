import type { Config, Conversation, DocumentView, Message, Problem } from './types';

export class ApiError extends Error {
  constructor(readonly problem: Problem) { super(problem.title ?? `HTTP ${problem.status}`); }
  /** The same request may succeed later: no connection, too many requests, the server is restarting. */
  get temporary(): boolean { return this.problem.status === 0 || this.problem.status === 429 || this.problem.status >= 500; }
}

const storage = {
  get: (name: string): string | null => { try { return localStorage.getItem(name); } catch { return null; } },
  set: (name: string, value: string): void => { try { localStorage.setItem(name, value); } catch { /* Private mode: the session lives as long as the page. */ } },
};

/** Parley's widget API. The session token is kept by the frame's origin, never by the customer's page. */
export class Api {
  private token: string | null;
  /** Who the page says the visitor is; never kept: the page says it anew each time. */
  private identity: string | null = null;
  private opening: Promise<void> | null = null;

  constructor(private readonly key: string, private readonly locale: string) { this.token = storage.get(this.slot('token')) || null; }

  slot(name: string): string { return `parley:${this.key}:${name}`; }
  remember(name: string, value: string): void { storage.set(this.slot(name), value); }
  recall(name: string): string | null { return storage.get(this.slot(name)); }
  get bearer(): string | null { return this.token; }

  config(): Promise<Config> { return this.request('GET', `/v1/widget/config?key=${encodeURIComponent(this.key)}&locale=${encodeURIComponent(this.locale)}`, undefined, { anonymous: true }); }

  /** Continues the remembered session, or starts one. Safe to call at the same time twice. */
  open(): Promise<void> {
    return (this.opening ??= (async () => {
      const session = await this.request<{ token: string }>('POST', '/v1/widget/sessions', { key: this.key, locale: this.locale, token: this.token, identity: this.identity }, { anonymous: true });
      this.token = session.token;
      storage.set(this.slot('token'), session.token);
    })().catch((error: unknown) => { this.opening = null; throw error; }));
  }

  /** The session has expired or was revoked: the next call begins a new one. */
  renew(): void { this.opening = null; this.token = null; }

  /** The next session is this person's; true: another one than before. Where the page's token is refused, the visitor stays who they were. */
  async identify(identity: string): Promise<boolean> {
    const before = this.token;
    [this.identity, this.opening] = [identity, null];
    try {
      await this.open();
    } catch (error) {
      this.identity = null;
      throw error;
    }
    // It has done its work: when this session ends, the page is asked for a fresh one.
    this.identity = null;
    return this.token !== before;
  }

  /** Nothing of the person stays on this device. */
  async forget(): Promise<void> {
    if (this.token) await this.request('DELETE', '/v1/widget/sessions').catch(() => undefined);
    this.renew();
    for (const name of ['token', 'draft', 'outbox']) storage.set(this.slot(name), '');
  }

  async latest(): Promise<Conversation | null> {
    const list = await this.request<{ items: Conversation[] }>('GET', '/v1/widget/conversations?limit=1');
    return list.items[0] ?? null;
  }
  conversation(id: string): Promise<Conversation> { return this.request('GET', `/v1/widget/conversations/${id}`); }
  async messages(id: string): Promise<Message[]> {
    const all: Message[] = [];
    for (let after = 0; ;) {
      const page = await this.request<{ items: Message[]; next: string | null }>('GET', `/v1/widget/conversations/${id}/messages?after=${after}&limit=200`);
      all.push(...page.items);
      const last = page.items.at(-1);
      if (!page.next || !last) return all;
      after = last.seq;
    }
  }
  create(clientId: string): Promise<Conversation> { return this.request('POST', '/v1/widget/conversations', {}, { idempotency: `new-${clientId}` }); }
  send(id: string, text: string, clientId: string): Promise<{ messageId: string; turnId: string | null; seq: number }> {
    return this.request('POST', `/v1/widget/conversations/${id}/messages`, { text, clientId }, { idempotency: clientId });
  }
  requestPerson(id: string): Promise<{ state: string; position: number | null }> { return this.request('POST', `/v1/widget/conversations/${id}/handoff`, {}); }
  cancelPerson(id: string): Promise<void> { return this.request('DELETE', `/v1/widget/conversations/${id}/handoff`); }
  rate(id: string, rating: number, comment: string): Promise<void> { return this.request('POST', `/v1/widget/conversations/${id}/rating`, { rating, comment: comment || null }); }
  end(id: string): Promise<void> { return this.request('POST', `/v1/widget/conversations/${id}/end`, {}); }
  typing(id: string): Promise<void> { return this.request('POST', `/v1/widget/conversations/${id}/typing`, {}); }
  document(id: string): Promise<DocumentView> { return this.request('GET', `/v1/widget/documents/${id}`); }

  private async request<T>(method: string, path: string, body?: unknown, options: { anonymous?: boolean; idempotency?: string; again?: boolean } = {}): Promise<T> {
    if (!options.anonymous) await this.open();
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (!options.anonymous && this.token) headers.Authorization = `Bearer ${this.token}`;
    if (options.idempotency) headers['Idempotency-Key'] = options.idempotency;
    let response: Response;
    try {
      response = await fetch(path, { method, headers, credentials: 'omit', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    } catch {
      throw new ApiError({ status: 0 });
    }
    if (response.status === 401 && !options.anonymous && !options.again) {
      this.renew();
      return this.request(method, path, body, { ...options, again: true });
    }
    if (!response.ok) {
      const problem = (await response.json().catch(() => ({}))) as Problem;
      throw new ApiError({ ...problem, status: response.status, retryAfter: Number(response.headers.get('Retry-After') ?? 0) });
    }
    return (response.status === 204 || response.status === 202 && response.headers.get('Content-Length') === '0' ? undefined : await response.json()) as T;
  }
}
