-- Vectors of passages, made in the background after the lexical index serves.

-- One row per tenant that has, or had, vectors. Its lock is held to the commit: numbers become visible in their order.
create table vector_work (
  tenant_id uuid not null primary key references tenants (id) on delete cascade,
  number bigint not null default 0,        -- moves with everything that an index holds of vectors and of how it uses them
  models_version int not null default 0,   -- of the models' settings that the sets were last brought into line with
  halted text,                             -- why the making stopped for now (a scope of the budget, a fault); null: nothing is in the way
  failures int not null default 0,         -- in a row
  retry_at timestamptz                     -- when it is tried again; null while it is halted: after another choice of models, or when somebody says so
);
call tenant_table('vector_work');

-- A set is one model's space. The one that serves answers questions while another is being made.
create table embedding_sets (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  account_id uuid not null,                -- with which questions are embedded while another model is chosen already
  provider text not null,
  model text not null,
  dimensions int not null check (dimensions > 0),
  info jsonb not null,                     -- what was known of the model: the settings may have forgotten it before its set has gone
  state text not null check (state in ('serving', 'building')),
  created_at timestamptz not null,
  completed_at timestamptz,                -- when no passage was left to do for the first time
  primary key (tenant_id, id),
  unique (tenant_id, provider, model, dimensions)
);
call tenant_table('embedding_sets');
create unique index embedding_sets_serving on embedding_sets (tenant_id) where state = 'serving';

-- Goes with its passage and with its set.
create table chunk_vectors (
  tenant_id uuid not null,
  chunk_id uuid not null,
  set_id uuid not null,
  version int not null,                    -- of the passage
  number bigint not null,                  -- vector_work.number of the batch
  vector bytea,                            -- scale (4 bytes), then one signed byte for each dimension; null: the model does not take this passage
  primary key (tenant_id, chunk_id, set_id),
  foreign key (tenant_id, chunk_id) references chunks (tenant_id, id) on delete cascade,
  foreign key (tenant_id, set_id) references embedding_sets (tenant_id, id) on delete cascade
);
call tenant_table('chunk_vectors');
create index chunk_vectors_changes on chunk_vectors (tenant_id, set_id, number);

-- Vectors of questions, for a day. A keyed hash of model and text; never the text.
create table question_vectors (
  tenant_id uuid not null references tenants (id) on delete cascade,
  hash bytea not null check (length(hash) = 32),
  vector bytea not null,
  at timestamptz not null,
  primary key (tenant_id, hash)
);
call tenant_table('question_vectors');
create index question_vectors_age on question_vectors (tenant_id, at);

-- Across tenants: whose choice of models has changed since their sets were looked at, and whose work may be tried again.
create function vectors_due(p_now timestamptz, p_limit int) returns table (tenant_id uuid) language sql stable security definer set search_path = public, pg_temp
as $$
  select t.id from tenants t
    left join vector_work w on w.tenant_id = t.id
    left join published_configurations p on p.tenant_id = t.id and p.kind = 'models' and p.subject_id = t.id
   where t.status = 'active' and (coalesce(p.version, 0) <> coalesce(w.models_version, 0) or w.retry_at <= p_now)
   order by w.retry_at nulls first, t.id limit p_limit
$$;
call system_function('vectors_due(timestamptz, int)');
