-- A run asks every chosen golden question of two versions of an assistant's configuration and compares. Version 0: as shipped.
create table golden_runs (
  tenant_id uuid not null references tenants (id) on delete cascade,
  id uuid not null,
  assistant_id uuid not null,
  base_version int not null check (base_version >= 0),
  candidate_version int not null check (candidate_version >= 0),
  category text,
  language text,
  tag text,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
  total int not null,
  done int not null default 0,
  summary jsonb,
  error text,
  created_by uuid,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, assistant_id) references assistants (tenant_id, id) on delete cascade
);
call tenant_table('golden_runs');
create index golden_runs_latest on golden_runs (tenant_id, created_at desc, id desc);
create index golden_runs_assistant on golden_runs (tenant_id, assistant_id, candidate_version);

-- What was said on either side. It goes with its question: deleted means gone.
create table golden_results (
  tenant_id uuid not null,
  run_id uuid not null,
  question_id uuid not null,
  side text not null check (side in ('base', 'candidate')),
  outcome text not null,
  confidence real,
  correct boolean not null,
  rank int,                            -- of the expected article among what was found; null: none is expected, or it was not found
  answer text not null,
  cited uuid[] not null,
  -- What a calibration is fitted on: the confidence before any calibration, and whether what could be quoted is right, said or not. Null: nobody can tell.
  raw_confidence double precision,
  draft_right boolean,
  primary key (tenant_id, run_id, question_id, side),
  foreign key (tenant_id, run_id) references golden_runs (tenant_id, id) on delete cascade,
  foreign key (tenant_id, question_id) references golden_questions (tenant_id, id) on delete cascade
);
call tenant_table('golden_results');
create index golden_results_question on golden_results (tenant_id, question_id);
