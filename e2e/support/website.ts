// A website that can change under Parley's eyes: pages come, go, break and speak differently.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Website {
  readonly pages = new Map<string, string | number>();
  private constructor(private readonly server: Server, readonly host: string) {}

  static async start(): Promise<Website> {
    const made: { site?: Website } = {};
    const server = createServer((request, response) => {
      const answer = made.site!.pages.get(new URL(request.url ?? '/', 'http://x').pathname) ?? 404;
      if (typeof answer === 'number') { response.writeHead(answer, { 'Content-Type': 'text/html' }); response.end('<p>no</p>'); return; }
      response.writeHead(200, { 'Content-Type': answer.startsWith('User-agent') ? 'text/plain' : 'text/html; charset=utf-8' });
      response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    made.site = new Website(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    return made.site;
  }

  put(path: string, title: string, body: string, head = ''): void {
    this.pages.set(path, `<!doctype html><html lang="en"><head><title>${title}</title>${head}</head><body><main><h1>${title}</h1>${body}</main></body></html>`);
  }

  stop(): void { this.server.close(); this.server.closeAllConnections(); }
}
