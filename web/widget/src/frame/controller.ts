// What the widget does: keeps the state, talks to the API and the feed, and to the loader on the customer's page.
import { Api, ApiError } from './api';
import { Feed } from './feed';
import { empty, reduce, type Action, type Outgoing, type State } from './state';
import type { Config, FeedEvent } from './types';

/** crypto.randomUUID exists only on https and localhost; a page on plain http has visitors too. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export type Phase = 'loading' | 'ready' | 'failed';

export class Controller {
  state: State = empty;
  phase: Phase = 'loading';
  connection: 'connecting' | 'open' | 'lost' = 'connecting';
  open = false;
  private stale = true;
  unread = 0;
  private port: MessagePort | null = null;
  private feed: Feed | null = null;
  private held: FeedEvent[] | null = null; // events that arrive while a snapshot is read
  private typedAt = 0;
  private creating: Promise<string> | null = null;
  private readonly views = new Set<() => void>();

  constructor(private readonly api: Api, readonly config: Config) {}

  subscribe(view: () => void): () => void { this.views.add(view); return () => this.views.delete(view); }

  listen(channel: Promise<MessagePort>): void {
    void channel.then((port) => {
      this.port = port;
      // What the page said until now waits in the port.
      port.onmessage = ({ data }: MessageEvent<{ type: string; text?: string; token?: string }>) => this.fromPage(data);
    });
    // Opened without a connection, the widget knows nothing yet of what was said before.
    addEventListener('online', () => { if (this.stale) void this.load(); else { this.feed?.nudge(); void this.flush(); } });
  }

  private fromPage(data: { type: string; text?: string; token?: string }): void {
    if (data.type === 'opened') { this.open = true; this.unread = 0; this.tell({ type: 'unread', count: 0 }); this.draw(); }
    else if (data.type === 'closed') { this.open = false; this.draw(); }
    else if (data.type === 'ask' && data.text) this.inTurn(() => this.send(data.text as string));
    else if (data.type === 'identify' && data.token) this.inTurn(() => this.identify(data.token as string));
    else if (data.type === 'logout') this.inTurn(() => this.forget());
  }

  close(): void { this.tell({ type: 'close' }); }

  /** Who the visitor is changes in one step at a time. */
  private becoming: Promise<void> = Promise.resolve();
  private inTurn(step: () => Promise<void>): void { this.becoming = this.becoming.then(step); }

  /** The page says who the visitor is. Another person than before sees nothing of what was said here. */
  private async identify(token: string): Promise<void> {
    try {
      const another = await this.api.identify(token);
      this.tell({ type: 'event', event: 'identified' });
      if (another) await this.restart();
    } catch (error) {
      // The page is told why, and the visitor goes on as who they were.
      this.tell({ type: 'event', event: 'identityRefused', data: { message: error instanceof ApiError ? error.message : '' } });
    }
  }

  private async forget(): Promise<void> {
    await this.api.forget();
    await this.restart();
  }

  /** As another person: nothing of the one before is left in this page, what was not sent and the feed's place included. */
  private async restart(): Promise<void> {
    this.api.remember('cursor', '');
    this.api.remember('outbox', '');
    // Where nothing was shown or heard yet, there is nothing to leave behind.
    if (this.feed || this.state.conversation) {
      location.reload();
      await new Promise(() => undefined);
    }
    this.dispatch({ kind: 'reset' });
    await this.load();
  }

  /** Continues the customer's open conversation, or waits for the first question without opening anything. */
  async load(): Promise<void> {
    this.phase = 'loading';
    this.restoreOutbox();
    this.draw();
    try {
      if (this.api.bearer) {
        await this.api.open();
        const latest = await this.api.latest();
        if (latest) await this.enter(latest.id);
      }
      this.stale = false;
      this.phase = 'ready';
      this.draw();
      await this.flush();
    } catch (error) {
      this.phase = error instanceof ApiError && !navigator.onLine ? 'ready' : 'failed';
      this.draw();
    }
  }

  private async enter(id: string): Promise<void> {
    // The feed first, then the snapshot: what happens in between is held back and applied after it.
    this.held = [];
    await this.follow();
    const [conversation, messages] = await Promise.all([this.api.conversation(id), this.api.messages(id)]);
    this.dispatch({ kind: 'snapshot', conversation, messages });
    const held = this.held ?? [];
    this.held = null;
    held.forEach((event) => this.take(event));
  }

  private follow(): Promise<void> {
    this.feed ??= new Feed(this.api, (event) => this.take(event), (status) => { this.connection = status; this.draw(); });
    return this.feed.start();
  }

  private take(event: FeedEvent): void {
    if (event.type === 'reset') { if (this.state.conversation) void this.enter(this.state.conversation.id); return; }
    if (this.held) { this.held.push(event); return; }
    const before = this.state.messages.length;
    this.dispatch({ kind: 'event', event });
    const last = this.state.messages.at(-1);
    if (event.type === 'message' && this.state.messages.length > before && last && last.authorKind !== 'end_user') {
      if (!this.open) this.tell({ type: 'unread', count: ++this.unread });
      this.tell({ type: 'event', event: 'message', data: { author: last.authorKind } });
    }
  }

  async send(text: string): Promise<void> {
    const trimmed = text.trim();
    if (!trimmed) return;
    const message: Outgoing = { clientId: newId(), text: trimmed, state: 'queued' };
    this.dispatch({ kind: 'send', message });
    this.keepOutbox();
    await this.flush();
  }

  async retry(clientId: string): Promise<void> {
    this.dispatch({ kind: 'sendFailed', clientId, state: 'queued' });
    await this.flush();
  }

  /** Sends what waits, in order, one at a time. The client id makes a repeated send the same message. */
  private flushing: Promise<void> | null = null;
  private flush(): Promise<void> {
    return (this.flushing ??= this.flushAll().finally(() => { this.flushing = null; }));
  }

  private async flushAll(): Promise<void> {
    for (;;) {
      const next = this.state.outgoing.find((o) => o.state === 'queued');
      if (!next) return;
      this.dispatch({ kind: 'sending', clientId: next.clientId });
      try {
        const id = await this.conversationId(next.clientId);
        const { messageId, turnId } = await this.api.send(id, next.text, next.clientId);
        this.dispatch({ kind: 'sent', clientId: next.clientId, messageId, waits: turnId !== null });
      } catch (error) {
        const temporary = error instanceof ApiError && error.temporary;
        const message = error instanceof ApiError ? (Object.values(error.problem.errors ?? {})[0]?.[0] ?? error.problem.title) : undefined;
        this.dispatch({ kind: 'sendFailed', clientId: next.clientId, state: temporary ? 'queued' : 'failed', ...(message ? { error: message } : {}) });
        if (temporary) {
          const pause = error.problem.retryAfter ? error.problem.retryAfter * 1000 : 3000;
          setTimeout(() => void this.flush(), pause);
          return;
        }
      } finally {
        this.keepOutbox();
      }
    }
  }

  private async conversationId(clientId: string): Promise<string> {
    const current = this.state.conversation;
    if (current && current.status === 'open') return current.id;
    return (this.creating ??= (async () => {
      await this.follow();
      const conversation = await this.api.create(clientId);
      this.dispatch({ kind: 'snapshot', conversation, messages: [] });
      return conversation.id;
    })().finally(() => { this.creating = null; }));
  }

  typing(): void {
    const conversation = this.state.conversation;
    if (!conversation || conversation.owner === 'assistant' || Date.now() - this.typedAt < 3000) return;
    this.typedAt = Date.now();
    this.api.typing(conversation.id).catch(() => undefined);
  }

  async requestPerson(): Promise<void> {
    const id = await this.conversationId(newId());
    await this.api.requestPerson(id);
  }
  async cancelPerson(): Promise<void> { if (this.state.conversation) await this.api.cancelPerson(this.state.conversation.id); }
  async end(): Promise<void> { if (this.state.conversation) await this.api.end(this.state.conversation.id); }
  async rate(rating: number, comment: string): Promise<void> {
    if (!this.state.conversation) return;
    await this.api.rate(this.state.conversation.id, rating, comment);
    this.dispatch({ kind: 'rated', rating });
  }
  document(id: string): ReturnType<Api['document']> { return this.api.document(id); }
  startNew(): void { this.dispatch({ kind: 'reset' }); }

  draftKey = 'draft';
  get draft(): string { return this.api.recall(this.draftKey) ?? ''; }
  set draft(text: string) { this.api.remember(this.draftKey, text); }

  private keepOutbox(): void { this.api.remember('outbox', JSON.stringify(this.state.outgoing)); }
  /** What was written and never arrived, also before a reload. What the state holds is newer than what was kept. */
  private restoreOutbox(): void {
    if (this.state.outgoing.length > 0) return;
    try {
      for (const message of JSON.parse(this.api.recall('outbox') || '[]') as Outgoing[]) {
        this.dispatch({ kind: 'send', message: { ...message, state: message.state === 'failed' ? 'failed' : 'queued' } });
      }
    } catch { /* What cannot be read was never ours. */ }
  }

  private dispatch(action: Action): void { this.state = reduce(this.state, action); this.draw(); }
  private draw(): void { this.views.forEach((view) => view()); }
  private tell(message: unknown): void { this.port?.postMessage(message); }
}
