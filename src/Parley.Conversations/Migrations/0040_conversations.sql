-- Conversations: brands, assistants, widgets, companies, end users, conversations, messages, events, tasks, resolutions.

create table brands (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  is_default boolean not null default false,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
call tenant_table('brands');
create unique index brands_default on brands (tenant_id) where is_default;

-- Profile, thresholds and texts are in configurations (kind 'assistant', subject = assistants.id).
create table assistants (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  brand_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  is_default boolean not null default false,
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, brand_id) references brands (tenant_id, id) deferrable
);
call tenant_table('assistants');
create unique index assistants_default on assistants (tenant_id) where is_default;

-- For the modules above.
create view v_assistants with (security_invoker = true) as
  select tenant_id, id as assistant_id, name, is_default, created_at from assistants where archived_at is null;
grant select on v_assistants to {app};

-- Look, texts and behaviour are in configurations (kind 'widget', subject = widgets.id).
create table widgets (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  public_key text not null unique check (public_key ~ '^pw_[A-Za-z0-9]{20,40}$'),
  assistant_id uuid not null,
  brand_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  allowed_origins text[] not null default '{}',   -- exact origins; empty: only Parley's own origin
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, assistant_id) references assistants (tenant_id, id) deferrable,
  foreign key (tenant_id, brand_id) references brands (tenant_id, id) deferrable
);
call tenant_table('widgets');

create table companies (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  external_id text,
  name text not null,
  domain text,
  attributes jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id)
);
call tenant_table('companies');

create table end_users (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  external_id text,                    -- from a verified identity token
  name text,
  email text,
  company_id uuid,
  locale text,
  verified boolean not null default false,
  attributes jsonb not null default '{}',
  created_at timestamptz not null,
  seen_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, external_id),
  foreign key (tenant_id, company_id) references companies (tenant_id, id) on delete set null (company_id)
);
call tenant_table('end_users');

-- A widget session: a random bearer token, only its SHA-256 stored.
create table end_user_sessions (
  tenant_id uuid not null,
  id uuid not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  end_user_id uuid not null,
  widget_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, end_user_id) references end_users (tenant_id, id) on delete cascade,
  foreign key (tenant_id, widget_id) references widgets (tenant_id, id) on delete cascade
);
call tenant_table('end_user_sessions');
create index end_user_sessions_end_user on end_user_sessions (tenant_id, end_user_id);

create table conversations (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  end_user_id uuid not null,
  company_id uuid,
  assistant_id uuid not null,
  widget_id uuid,
  channel text not null default 'widget' check (channel in ('widget', 'page', 'api', 'email', 'slack', 'voice', 'sms')),
  modality text not null default 'text' check (modality in ('text', 'voice', 'video', 'screen')),
  status text not null default 'open' check (status in ('open', 'closed')),
  owner text not null default 'assistant' check (owner in ('assistant', 'queue', 'agent')),
  agent_id uuid,                       -- the user who owns it while owner = 'agent'
  locale text,
  variant text,                        -- experiment arm
  subject text,                        -- first words of the first question
  external_id text,                    -- the customer's own id: a repeated start finds the same conversation
  last_seq bigint not null default 0,  -- taken under this row's lock
  last_message_at timestamptz,
  last_message_kind text,              -- author kind of the last public message
  last_outcome text,                   -- of the last turn that was more than small talk; 'failed' where it failed
  settle_at timestamptz,               -- silence until then ends it in a class of the ledger; null: nothing to settle
  rating smallint check (rating between 1 and 5),
  rating_comment text,
  rated_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz,
  closed_by text check (closed_by in ('end_user', 'agent', 'assistant', 'system')),
  primary key (tenant_id, id),
  unique (tenant_id, end_user_id, external_id),
  check ((owner = 'agent') = (agent_id is not null)),
  foreign key (tenant_id, end_user_id) references end_users (tenant_id, id) on delete cascade,
  foreign key (tenant_id, company_id) references companies (tenant_id, id) on delete set null (company_id),
  foreign key (tenant_id, assistant_id) references assistants (tenant_id, id) deferrable,
  foreign key (tenant_id, widget_id) references widgets (tenant_id, id) on delete set null (widget_id)
);
call tenant_table('conversations');

-- For the modules above.
create view v_conversations with (security_invoker = true) as select tenant_id, id as conversation_id from conversations;
grant select on v_conversations to {app};
create index conversations_recent on conversations (tenant_id, updated_at desc, id desc);
create index conversations_end_user on conversations (tenant_id, end_user_id, updated_at desc);
create index conversations_widget on conversations (tenant_id, widget_id) where widget_id is not null;
create index conversations_company on conversations (tenant_id, company_id) where company_id is not null;
create index conversations_inbox on conversations (tenant_id, owner, updated_at desc) where status = 'open';
create index conversations_settle on conversations (settle_at) where settle_at is not null;

create table messages (
  tenant_id uuid not null,
  conversation_id uuid not null,
  id uuid not null,
  seq bigint not null,
  author_kind text not null check (author_kind in ('end_user', 'assistant', 'agent', 'system')),
  author_id uuid,
  visibility text not null default 'public' check (visibility in ('public', 'note')),
  modality text not null default 'text' check (modality in ('text', 'voice', 'video', 'screen')),
  language text,
  reply_to uuid,
  external_id text,
  delivery text not null default 'sent' check (delivery in ('pending', 'sent', 'delivered', 'failed')),
  turn_id uuid,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, conversation_id, seq),
  unique (tenant_id, conversation_id, external_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
call tenant_table('messages');

create table message_parts (
  tenant_id uuid not null,
  message_id uuid not null,
  ordinal int not null,
  type text not null check (type in ('text', 'quote', 'image', 'file', 'audio', 'transcript', 'frame', 'card', 'form')),
  content jsonb not null,              -- by type; text: {"text"}, quote: a citation
  object_hash bytea,
  primary key (tenant_id, message_id, ordinal),
  foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade,
  foreign key (tenant_id, object_hash) references objects (tenant_id, hash) deferrable
);
call tenant_table('message_parts');
create index message_parts_object on message_parts (tenant_id, object_hash) where object_hash is not null;

-- The event catalogue: everything that happened in a conversation, in the order of seq. Feed, webhooks, ledger and
-- insights derive from it. xid and position order events across conversations for readers of the whole tenant, who
-- read only below pg_snapshot_xmin.
create sequence events_position_seq;
grant usage on sequence events_position_seq to {app}, {definer};
create table events (
  tenant_id uuid not null references tenants (id) on delete cascade,
  conversation_id uuid not null,
  seq bigint not null,
  id uuid not null,
  type text not null,
  schema_version smallint not null default 1,
  visibility text not null default 'public' check (visibility in ('public', 'internal')),
  actor_kind text not null check (actor_kind in ('end_user', 'assistant', 'agent', 'system')),
  actor_id uuid,
  turn_id uuid,
  data jsonb not null,
  xid xid8 not null default pg_current_xact_id(),
  position bigint not null default nextval('events_position_seq'),
  created_at timestamptz not null,
  primary key (tenant_id, conversation_id, seq, created_at)
) partition by range (created_at);
call tenant_table('events', 'select, insert');
call partition_by_month('events');
create index events_position on events (tenant_id, xid, position);
create index events_poll on events (xid, position);

create table tasks (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  conversation_id uuid,
  end_user_id uuid,
  title text not null check (length(title) between 1 and 300),
  owner_id uuid,
  due_at timestamptz,
  state text not null default 'open' check (state in ('open', 'in_progress', 'done', 'cancelled')),
  created_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
  foreign key (tenant_id, end_user_id) references end_users (tenant_id, id) on delete cascade
);
call tenant_table('tasks');

-- The resolution ledger: append-only. A reopening appends an entry that reverses an earlier one.
create table resolutions (
  tenant_id uuid not null,
  id uuid not null,
  conversation_id uuid not null,
  class text not null check (class in ('confirmed', 'tool_verified', 'silent', 'by_person', 'unresolved', 'abandoned', 'reversed')),
  reverses_id uuid,
  actor_kind text not null check (actor_kind in ('end_user', 'assistant', 'agent', 'system')),
  actor_id uuid,
  evidence jsonb not null,             -- what the class rests on: event seqs, turn ids, rating
  created_at timestamptz not null,
  primary key (tenant_id, id),
  check ((class = 'reversed') = (reverses_id is not null)),
  unique (tenant_id, reverses_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
  foreign key (tenant_id, reverses_id) references resolutions (tenant_id, id) on delete cascade
);
call tenant_table('resolutions', 'select, insert');
create index resolutions_conversation on resolutions (tenant_id, conversation_id, created_at);

-- ---- what SystemDb may do ----

create function widget_by_key(p_key text) returns table (tenant_id uuid, widget_id uuid) language sql stable security definer set search_path = public, pg_temp
as $$ select w.tenant_id, w.id from widgets w join tenants t on t.id = w.tenant_id and t.status = 'active' where w.public_key = p_key and w.archived_at is null $$;
call system_function('widget_by_key(text)');

create function end_user_session_lookup(p_token_hash bytea, p_now timestamptz) returns table (tenant_id uuid, session_id uuid, end_user_id uuid, widget_id uuid, expires_at timestamptz) language sql stable security definer set search_path = public, pg_temp
as $$ select s.tenant_id, s.id, s.end_user_id, s.widget_id, s.expires_at
        from end_user_sessions s join widgets w on w.tenant_id = s.tenant_id and w.id = s.widget_id and w.archived_at is null
       where s.token_hash = p_token_hash and s.revoked_at is null and s.expires_at > p_now $$;
call system_function('end_user_session_lookup(bytea, timestamptz)');

-- Tenants that have conversations to settle.
create function conversations_due(p_now timestamptz) returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$ select distinct c.tenant_id from conversations c join tenants t on t.id = c.tenant_id and t.status = 'active' where c.settle_at <= p_now $$;
call system_function('conversations_due(timestamptz)');

-- What was committed since a position, for this node's readers to wake up on: ids only.
create function events_since(p_xid xid8, p_position bigint, p_limit int)
  returns table (tenant_id uuid, kind text, id uuid, version bigint, xid xid8, "position" bigint) language sql stable security definer set search_path = public, pg_temp
as $$ select e.tenant_id, t.kind, t.id, t.version, e.xid, e.position
        from (select * from events e
               where (e.xid, e.position) > (p_xid, p_position) and e.xid < pg_snapshot_xmin(pg_current_snapshot())
               order by e.xid, e.position limit p_limit) e
        join conversations c on c.tenant_id = e.tenant_id and c.id = e.conversation_id
       cross join lateral (values ('conversation', e.conversation_id, e.seq), ('end_user', c.end_user_id, e.position)) t (kind, id, version)
       order by e.xid, e.position $$;
call system_function('events_since(xid8, bigint, int)');
create function events_head() returns table (xid xid8, "position" bigint) language sql stable security definer set search_path = public, pg_temp
as $$ select pg_snapshot_xmin(pg_current_snapshot()), 0::bigint $$;
call system_function('events_head()');
