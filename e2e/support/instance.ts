// A Parley as its users get it: the published archive, unpacked, on a scratch data folder and a free port.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export class Instance {
  readonly url: string;
  output = '';
  private process: ChildProcess | null = null;

  private constructor(private readonly folder: string, private readonly program: string, private readonly port: number, private readonly env: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async create(env: Record<string, string> = {}): Promise<Instance> {
    // Readable by the database's own user too, when the tests run as root.
    const folder = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
    execFileSync('chmod', ['755', folder]);
    const archive = process.env.PARLEY_ARCHIVE ?? published();
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    const unpacked = readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isDirectory());
    if (!unpacked) throw new Error('The archive holds no folder.');
    return new Instance(folder, join(folder, unpacked.name, 'parley'), await freePort(), env);
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** The first operator's credentials, as `up` printed them once. */
  get credentials(): { email: string; password: string } {
    const email = /([\w.+-]+@[\w.-]+)/.exec(this.output)?.[1];
    const password = /password:?\s+(\S+)/i.exec(this.output)?.[1];
    if (!email || !password) throw new Error(`up printed no credentials:\n${this.output}`);
    return { email, password };
  }

  async start(): Promise<void> {
    this.output = '';
    const child = spawn(this.program, ['up', '--port', String(this.port), '--data', join(this.folder, 'data')], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.env } });
    this.process = child;
    child.stdout.on('data', (chunk: Buffer) => { this.output += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { this.output += chunk.toString(); });
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`up ended with ${child.exitCode}:\n${this.output}`);
      const ready = await fetch(`${this.url}/health/ready`).then((response) => response.ok, () => false);
      // What it prints comes after the first answer: the addresses, and once the password.
      if (ready && this.output.includes('Ready.')) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`up was not ready after 60 s:\n${this.output}`);
  }

  /** As Ctrl-C or a restart of the machine does. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    this.process = null;
  }

  run(...args: string[]): string {
    return execFileSync(this.program, args, { env: { ...process.env, PARLEY_DATA: join(this.folder, 'data') } }).toString();
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Without ./parley test, which publishes and names the archive. */
function published(): string {
  execFileSync(join(repository, 'parley'), ['publish'], { stdio: 'inherit' });
  const artifacts = join(repository, 'artifacts');
  const archive = readdirSync(artifacts).find((name) => /^parley-.*\.tar\.gz$/.test(name));
  if (!archive) throw new Error('./parley publish left no archive.');
  return join(artifacts, archive);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
