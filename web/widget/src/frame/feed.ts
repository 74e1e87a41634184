// One feed per browser: the tab that holds the lock reads the stream and hands every event to the others.
import type { Api } from './api';
import { events } from './sse';
import type { FeedEvent } from './types';

type Status = 'connecting' | 'open' | 'lost';
interface Shared { event?: FeedEvent; status?: Status }

const HEARTBEAT_TIMEOUT_MS = 40_000; // the server sends a comment every 15 s

export class Feed {
  private readonly channel: BroadcastChannel | null;
  private stop = new AbortController();
  private status: Status = 'connecting';
  private started: Promise<void> | null = null;
  private opened!: () => void;

  constructor(private readonly api: Api, private readonly onEvent: (event: FeedEvent) => void, private readonly onStatus: (status: Status) => void) {
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(api.slot('feed'));
    this.channel?.addEventListener('message', ({ data }: MessageEvent<Shared>) => this.take(data));
  }

  /** Resolves when events flow (or another tab's do): what happens after it is not missed. */
  start(): Promise<void> {
    return (this.started ??= new Promise((resolve) => {
      this.opened = resolve;
      if (!navigator.locks || !this.channel) return void this.lead();
      void navigator.locks.request(this.api.slot('feed'), { ifAvailable: true }, (lock) => {
        if (lock) return this.lead();
        resolve(); // another tab reads; take over when it goes
        void navigator.locks.request(this.api.slot('feed'), () => this.lead());
        return undefined;
      });
    }));
  }

  /** Reconnects at once: the browser says that it is online again. */
  nudge(): void { this.stop.abort(); }

  private async lead(): Promise<void> {
    for (let failures = 0; ;) {
      this.stop = new AbortController();
      try {
        await this.read(() => { failures = 0; });
      } catch {
        // A lost connection; the cursor says where to go on.
      }
      this.share({ status: 'lost' });
      const pause = Math.min(15_000, 500 * 2 ** failures++) * (0.75 + Math.random() / 2);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        addEventListener('online', () => { clearTimeout(timer); resolve(); }, { once: true });
      });
    }
  }

  private async read(connected: () => void): Promise<void> {
    await this.api.open();
    const cursor = this.api.recall('cursor');
    let timer = setTimeout(() => this.stop.abort(), HEARTBEAT_TIMEOUT_MS);
    const response = await fetch('/v1/feed', {
      headers: { Authorization: `Bearer ${this.api.bearer}`, Accept: 'text/event-stream', ...(cursor ? { 'Last-Event-ID': cursor } : {}) },
      credentials: 'omit', cache: 'no-store', signal: this.stop.signal,
    });
    if (!response.ok || !response.body) { clearTimeout(timer); if (response.status === 401) this.api.renew(); throw new Error(`feed ${response.status}`); }
    const alive = response.body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, out) => { clearTimeout(timer); timer = setTimeout(() => this.stop.abort(), HEARTBEAT_TIMEOUT_MS); out.enqueue(chunk); },
    }));
    try {
      for await (const event of events(alive)) {
        connected();
        if (this.status !== 'open') { this.share({ status: 'open' }); this.opened(); }
        this.share({ event });
        if (event.id) this.api.remember('cursor', event.id);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private share(shared: Shared): void { this.channel?.postMessage(shared); this.take(shared); }

  private take({ event, status }: Shared): void {
    if (status && status !== this.status) { this.status = status; this.onStatus(status); }
    if (event) this.onEvent(event);
  }
}
