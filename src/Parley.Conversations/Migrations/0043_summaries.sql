-- What a model wrote about a conversation that ended, for the people who work on it. One is asked each time that it ends; the newest that was written counts.
create table conversation_summaries (
  tenant_id uuid not null,
  id uuid not null,                      -- of the work that was asked for
  conversation_id uuid not null,
  through_seq bigint not null,           -- the last message that it knows
  text text,                             -- null: asked for, not written yet
  provider text,
  model text,
  asked_at timestamptz not null,
  written_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
call tenant_table('conversation_summaries');
create index conversation_summaries_conversation on conversation_summaries (tenant_id, conversation_id, through_seq desc);

-- Questions and answers of the batch lane go with whom they are about. The work itself stays until its money is settled; it has no texts.
create function batch_contents_erased() returns trigger language plpgsql set search_path = public, pg_temp
as $$
begin
  if tg_table_name = 'conversations' then
    delete from batch_contents c using batch_items i where i.tenant_id = old.tenant_id and i.conversation_id = old.id and c.tenant_id = i.tenant_id and c.item_id = i.id;
  else
    delete from batch_contents c using batch_items i where i.tenant_id = old.tenant_id and i.end_user_id = old.id and c.tenant_id = i.tenant_id and c.item_id = i.id;
  end if;
  return null;
end $$;
revoke all on function batch_contents_erased() from public;
create trigger batch_contents_erased after delete on conversations for each row execute function batch_contents_erased();
create trigger batch_contents_erased after delete on end_users for each row execute function batch_contents_erased();
