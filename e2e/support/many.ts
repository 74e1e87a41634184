// More conversations than anybody clicks together, written where Parley keeps them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { Instance } from './instance';
import type { Member } from './people';

/** A connection to the instance's own database, as its owner. */
export async function database(parley: Instance): Promise<pg.Client> {
  const password = readFileSync(join(parley.data, 'postgres.password'), 'utf8').trim();
  const cluster = readdirSync(parley.data).find((name) => readdirSync(parley.data, { withFileTypes: true }).some((e) => e.name === name && e.isDirectory()) && readdirSync(join(parley.data, name)).includes('postmaster.pid'));
  if (!cluster) throw new Error('The database does not run.');
  // Its fourth line is the port, the fifth the folder of its socket: it listens nowhere else.
  const [, , , port, socket] = readFileSync(join(parley.data, cluster, 'postmaster.pid'), 'utf8').split('\n');
  const client = new pg.Client({ host: resolve(parley.data, cluster, socket ?? '.'), port: Number(port), user: 'parley_owner', password, database: 'parley' });
  await client.connect();
  return client;
}

/** Open conversations of made-up people in the one workspace there is, each with a message, a minute apart. */
export async function fillInbox(parley: Instance, owner: Member, count: number): Promise<void> {
  const { tenant } = await owner.call<{ tenant: { id: string } }>('GET', '/v1/auth/session');
  const client = await database(parley);
  try {
    await client.query('begin');
    await client.query("select set_config('app.tenant_id', $1, true)", [tenant.id]);
    await client.query(`
      create temporary table made on commit drop as
      select w.tenant_id, w.id as widget_id, w.assistant_id, gen_random_uuid() as id, gen_random_uuid() as end_user_id, gen_random_uuid() as message_id, n, now() - n * interval '1 minute' as at,
             'Question ' || n || ' ' || (array['about an invoice', 'about a parcel that did not come', 'on how to change a password', 'about two accounts that should be one'])[1 + n % 4] as text
        from (select * from widgets order by created_at limit 1) w, generate_series(1, $1::int) n`, [count]);
    await client.query(`insert into end_users (tenant_id, id, name, created_at, seen_at) select tenant_id, end_user_id, 'Customer ' || n, at, at from made`);
    await client.query(`
      insert into conversations (tenant_id, id, end_user_id, assistant_id, widget_id, locale, subject, last_seq, last_message_at, last_message_kind, created_at, updated_at)
      select tenant_id, id, end_user_id, assistant_id, widget_id, 'en', text, 1, at, 'end_user', at, at from made`);
    await client.query(`insert into messages (tenant_id, conversation_id, id, seq, author_kind, author_id, language, created_at) select tenant_id, id, message_id, 1, 'end_user', end_user_id, 'en', at from made`);
    await client.query(`insert into message_parts (tenant_id, message_id, ordinal, type, content) select tenant_id, message_id, 0, 'text', jsonb_build_object('text', text) from made`);
    await client.query('commit');
    await client.query('analyze conversations, messages, message_parts, end_users');
  } finally {
    await client.end();
  }
}
