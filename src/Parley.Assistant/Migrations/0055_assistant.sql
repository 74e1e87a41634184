-- Assistant: turns (one answering job each) and their steps.
create table turns (
  tenant_id uuid not null,
  id uuid not null,
  conversation_id uuid not null,
  message_id uuid not null,            -- the newest customer message this turn answers
  job_id uuid not null,                -- the job that works on it
  through_seq bigint not null,         -- what the customer said up to this number and has no answer belongs to the question
  state text not null check (state in ('queued', 'running', 'waiting_tool', 'waiting_approval', 'waiting_media', 'done', 'failed', 'cancelled')),
  attempt int not null default 0,
  -- Text so far, in the order it was sent: a resume on any node starts from it. Cleared when the message is delivered.
  draft text not null default '',
  outcome text check (outcome in ('answered', 'clarified', 'abstained', 'handed_off', 'small_talk')),
  confidence double precision check (confidence between 0 and 1),
  tier text check (tier in ('extractive', 'small', 'medium', 'large')),
  language text,
  intent text,
  question_type text,
  sentiment text check (sentiment in ('positive', 'neutral', 'negative', 'frustrated')),
  versions jsonb not null default '{}',  -- configuration versions and index change number this turn used
  variant text,
  evidence jsonb not null default '[]',  -- [{chunkId, version, documentId, score}] ids and scores, never texts
  timings jsonb not null default '{}',   -- milliseconds by step
  cost numeric(20, 9) not null default 0,
  error text,                          -- why it failed or was cancelled: a code, never a text of the customer's
  created_at timestamptz not null,
  started_at timestamptz,
  first_text_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
  foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade
);
call tenant_table('turns');
-- One live turn per conversation: a new customer message joins or cancels it.
create unique index turns_one_live on turns (tenant_id, conversation_id) where state in ('running', 'waiting_tool', 'waiting_approval', 'waiting_media');
create index turns_message on turns (tenant_id, message_id);
create index turns_conversation on turns (tenant_id, conversation_id, created_at);

create table turn_steps (
  tenant_id uuid not null references tenants (id) on delete cascade,
  turn_id uuid not null,
  attempt int not null,
  ordinal int not null,
  name text not null,
  started_at timestamptz not null,
  duration_us bigint not null,
  data jsonb not null default '{}',    -- ids, scores, versions, reasons; never texts
  created_at timestamptz not null,
  primary key (tenant_id, turn_id, attempt, ordinal, created_at)
) partition by range (created_at);
call tenant_table('turn_steps', 'select, insert');
call partition_by_month('turn_steps');

-- For the modules above. raw_confidence: before any calibration, of the attempt that ended the turn.
create view v_turns with (security_invoker = true) as
  select t.tenant_id, t.id as turn_id, t.conversation_id, t.message_id, t.outcome,
         (select (s.data ->> 'rawConfidence')::double precision from turn_steps s
           where s.tenant_id = t.tenant_id and s.turn_id = t.id and s.name = 'generate' order by s.attempt desc, s.ordinal desc limit 1) as raw_confidence
    from turns t;
grant select on v_turns to {app};

-- ---- what SystemDb may do ----

-- Turns that are not over although no job works on them any more (their last attempt died with its node): ids only.
create function turns_orphaned(p_before timestamptz, p_limit int) returns table (tenant_id uuid, turn_id uuid) language sql stable security definer set search_path = public, pg_temp
as $$ select t.tenant_id, t.id from turns t
       where t.state in ('queued', 'running') and t.created_at < p_before
         and not exists (select 1 from jobs j where j.tenant_id = t.tenant_id and j.id = t.job_id and j.state <> 'dead')
       order by t.created_at limit p_limit $$;
call system_function('turns_orphaned(timestamptz, int)');
