-- What the assistant did that a person called right or wrong: an answer, or that it gave none. Outcome and confidence stay with the judgement: the steps of a turn are not kept forever.
create table answer_judgements (
  tenant_id uuid not null,
  turn_id uuid not null,
  conversation_id uuid not null,
  outcome text not null,
  is_right boolean not null,
  raw_confidence double precision,     -- before any calibration
  judged_by uuid,
  judged_at timestamptz not null,
  primary key (tenant_id, turn_id),
  foreign key (tenant_id, turn_id) references turns (tenant_id, id) on delete cascade
);
call tenant_table('answer_judgements');
create index answer_judgements_conversation on answer_judgements (tenant_id, conversation_id);
