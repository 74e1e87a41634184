-- Search over transcripts. The words of a message as our own tokeniser gives them, made where the message is written; null: not made yet.
-- A column of the message: what deletes the message deletes its words, in the same statement.
alter table messages add column terms tsvector;

-- Each term begins with a mark of its tenant, so that no tenant's common words lengthen another's lists. What waits to be merged is read with
-- every search: a little of it, so that both reading and merging stay short.
create index messages_terms on messages using gin (terms) with (gin_pending_list_limit = 256);
create index messages_without_terms on messages (tenant_id, id) where terms is null;

-- Words that are changed or taken out are not found from that moment on; what is left is read again by the job that fills what is missing.
create function message_parts_changed() returns trigger language plpgsql set search_path = public, pg_temp
as $$
begin
  update messages set terms = null where tenant_id = old.tenant_id and id = old.message_id and terms is not null;
  return null;
end $$;
revoke all on function message_parts_changed() from public;
create trigger message_parts_changed after update or delete on message_parts for each row execute function message_parts_changed();

-- What a list of conversations is narrowed by and would otherwise have to work out for every row.
alter table conversations
  add column resolution text,            -- the ledger's standing class
  add column confidence real;            -- of the last turn that was judged
set local role {definer};
update conversations c
   set resolution = (select r.class from resolutions r
                      where r.tenant_id = c.tenant_id and r.conversation_id = c.id and r.class <> 'reversed'
                        and not exists (select 1 from resolutions v where v.tenant_id = r.tenant_id and v.reverses_id = r.id)
                      order by r.created_at desc, r.id desc limit 1),
       confidence = (select (e.data ->> 'confidence')::real from events e
                      where e.tenant_id = c.tenant_id and e.conversation_id = c.id and e.type = 'done' and e.data ->> 'confidence' is not null
                      order by e.seq desc limit 1);
reset role;

-- ---- what SystemDb may do ----

-- Conversations of one tenant in which a message has the words, the one with the newest news first, with the number of the newest such
-- message. @@ is not leakproof: under a policy no index would be used for it, so it is asked here, and what is found is read through the
-- policy as everything else. Ids and numbers only.
create function conversations_with_terms(p_tenant uuid, p_query tsquery, p_before timestamptz, p_before_id uuid, p_limit int)
  returns table (conversation_id uuid, seq bigint, updated_at timestamptz) language plpgsql stable security definer
  set search_path = public, pg_temp set enable_seqscan = off set jit = off set work_mem = '32MB'
as $$
begin
  -- Planned with its values: how often a word occurs decides the way.
  return query execute $q$
    select c.id, f.seq, c.updated_at
      from (select m.conversation_id, max(m.seq) as seq from messages m where m.tenant_id = $1 and m.terms @@ $2 group by m.conversation_id) f
      join conversations c on c.tenant_id = $1 and c.id = f.conversation_id
     where $3 is null or (c.updated_at, c.id) < ($3, $4)
     order by c.updated_at desc, c.id desc limit $5 $q$
    using p_tenant, p_query, p_before, p_before_id, p_limit;
end $$;
call system_function('conversations_with_terms(uuid, tsquery, timestamptz, uuid, int)');

-- Tenants that have messages whose words are missing.
create function tenants_without_terms() returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$ select t.id from tenants t where t.status = 'active' and exists (select 1 from messages m where m.tenant_id = t.id and m.terms is null) $$;
call system_function('tenants_without_terms()');
