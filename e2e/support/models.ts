// The providers' protocols on loopback, as ./parley dev models starts them: answers by rule, no keys, no cost.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './instance';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export class Models {
  readonly url: string;

  private constructor(private readonly process: ChildProcess, readonly host: string) {
    this.url = `http://${host}`;
  }

  static async start(): Promise<Models> {
    const host = `127.0.0.1:${await freePort()}`;
    const built = join(repository, 'tests', 'models', 'bin', 'Release', 'net10.0', 'Parley.Testkit.Models');
    const [program, first] = existsSync(built) ? [built, []] : [join(repository, 'parley'), ['dev', 'models']];
    const child = spawn(program, [...first, '--port', host.split(':')[1]!, '--first-token-ms', '50', '--token-ms', '10'], { stdio: 'ignore' });
    const models = new Models(child, host);
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`The models ended with ${child.exitCode}.`);
      if (await fetch(models.url).then((response) => response.ok, () => false)) return models;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The models were not ready after 60 s.');
  }

  stop(): void {
    this.process.kill('SIGTERM');
  }
}
