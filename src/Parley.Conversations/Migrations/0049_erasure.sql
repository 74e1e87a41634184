-- Deleting for good. One function knows every place where something of a conversation is kept, in this module and in the others; a test asks
-- the catalogue of the migrated schema what it has forgotten. What stays: entries of the audit log (ids, no content) and the sums of costs.

create index model_decisions_conversation on model_decisions (tenant_id, conversation_id) where conversation_id is not null;
create index conversations_closed on conversations (tenant_id, closed_at) where status = 'closed';
create index end_users_seen on end_users (tenant_id, seen_at);

-- With p_closed_before only what is closed since then, read under the row lock: a conversation that was opened again a moment ago stays.
-- With p_golden also the golden questions that were made of it. Returns how many went, and the files that no row refers to any more.
-- The audit entry, where an action is named, is part of it: both happen or neither.
create function conversations_erase(p_tenant uuid, p_ids uuid[], p_closed_before timestamptz, p_golden boolean,
    p_actor_kind text, p_actor uuid, p_ip text, p_action text, p_target_kind text, p_target text, p_audit uuid, p_at timestamptz)
  returns table (erased int, files bytea[]) language plpgsql security definer set search_path = public, pg_temp
as $$
declare ids uuid[]; turn_ids uuid[]; names text[]; hashes bytea[];
begin
  -- Whoever writes into one of them comes before this and goes with it, or after it and finds nothing.
  select array_agg(c.id) into ids
    from (select k.id from conversations k
           where k.tenant_id = p_tenant and k.id = any (p_ids) and (p_closed_before is null or (k.status = 'closed' and k.closed_at < p_closed_before))
           order by k.id for update) c;
  if ids is null then
    return query select 0, '{}'::bytea[];
    return;
  end if;
  select coalesce(array_agg(t.id), '{}') into turn_ids from turns t where t.tenant_id = p_tenant and t.conversation_id = any (ids);
  select coalesce(array_agg(distinct p.object_hash), '{}') into hashes
    from message_parts p join messages m on m.tenant_id = p.tenant_id and m.id = p.message_id
   where m.tenant_id = p_tenant and m.conversation_id = any (ids) and p.object_hash is not null;
  select array_agg(i::text) into names from unnest(ids || turn_ids) i;

  delete from turn_steps s where s.tenant_id = p_tenant and s.turn_id = any (turn_ids);
  delete from model_decisions d where d.tenant_id = p_tenant and (d.conversation_id = any (ids) or d.turn_id = any (turn_ids));
  delete from events e where e.tenant_id = p_tenant and e.conversation_id = any (ids);
  delete from budget_scopes b where b.tenant_id = p_tenant and b.kind = 'conversation' and b.subject_id = any (ids) and b.held = 0;
  -- The sums of a day know nobody; the single calls forget whom they were for.
  update usage u set conversation_id = null, end_user_id = null, turn_id = null where u.tenant_id = p_tenant and u.conversation_id = any (ids);
  -- Work that failed for good may tell of it in its reason. Work that is still to be done holds ids only, finds nothing and ends.
  delete from jobs j where j.tenant_id = p_tenant and j.state = 'dead' and exists (select 1 from unnest(names) n where strpos(j.payload::text, n) > 0);
  -- Answers kept for a day, for clients that repeat a request, are copies of messages.
  delete from idempotency_keys k where k.tenant_id = p_tenant
     and exists (select 1 from unnest(names) n where strpos(k.route, n) > 0 or position(convert_to(n, 'UTF8') in k.response) > 0);
  if p_golden then
    delete from golden_questions g where g.tenant_id = p_tenant and g.source_conversation_id = any (ids);
  end if;
  -- By cascade: messages with their parts and words, turns, judgements, summaries, tags, handoffs, tasks, the ledger, deliveries of webhooks.
  delete from conversations c where c.tenant_id = p_tenant and c.id = any (ids);

  with gone as (
    delete from objects o where o.tenant_id = p_tenant and o.hash = any (hashes)
       and not exists (select 1 from message_parts p where p.tenant_id = o.tenant_id and p.object_hash = o.hash)
       and not exists (select 1 from documents d where d.tenant_id = o.tenant_id and d.object_hash = o.hash)
       and not exists (select 1 from import_files f where f.tenant_id = o.tenant_id and f.object_hash = o.hash)
       and not exists (select 1 from workspace_exports e where e.tenant_id = o.tenant_id and e.object_hash = o.hash)
       and not exists (select 1 from brands b where b.tenant_id = o.tenant_id and b.logo_hash = o.hash)
       and not exists (select 1 from crawl_pages g where g.tenant_id = o.tenant_id and g.object_hash = o.hash)
    returning o.hash)
  select coalesce(array_agg(hash), '{}') into hashes from gone;
  if p_action is not null then
    perform audit_append(p_audit, p_tenant, p_at, p_actor_kind, p_actor, p_ip, p_action, p_target_kind, p_target, jsonb_build_object('conversations', cardinality(ids)));
  end if;
  return query select cardinality(ids), hashes;
end $$;
call system_function('conversations_erase(uuid, uuid[], timestamptz, boolean, text, uuid, text, text, text, text, uuid, timestamptz)');

-- A customer with everything: who they are, what was said, where they were signed in. No row: there is no such customer.
create function end_user_erase(p_tenant uuid, p_id uuid, p_actor_kind text, p_actor uuid, p_ip text, p_audit uuid, p_at timestamptz)
  returns table (erased int, files bytea[]) language plpgsql security definer set search_path = public, pg_temp
as $$
declare ids uuid[]; done record;
begin
  -- First the customer: with this lock held nobody begins another conversation for them.
  perform 1 from end_users u where u.tenant_id = p_tenant and u.id = p_id for update;
  if not found then
    return;
  end if;
  select coalesce(array_agg(c.id), '{}') into ids from conversations c where c.tenant_id = p_tenant and c.end_user_id = p_id;
  select * into done from conversations_erase(p_tenant, ids, null, true, null, null, null, null, null, null, null, null);
  delete from end_users u where u.tenant_id = p_tenant and u.id = p_id;
  update usage u set end_user_id = null where u.tenant_id = p_tenant and u.end_user_id = p_id;
  update batch_items i set end_user_id = null where i.tenant_id = p_tenant and i.end_user_id = p_id;
  delete from budget_scopes b where b.tenant_id = p_tenant and b.kind = 'end_user' and b.subject_id = p_id and b.held = 0;
  delete from idempotency_keys k where k.tenant_id = p_tenant and k.principal = 'enduser:' || replace(p_id::text, '-', '');
  -- The chain of the audit log covers neither the address nor a payload that is gone with its salt.
  update audit a set ip = null, payload = null, payload_salt = null where a.tenant_id = p_tenant and a.actor_kind = 'end_user' and a.actor_id = p_id;
  perform audit_append(p_audit, p_tenant, p_at, p_actor_kind, p_actor, p_ip, 'customer.erased', 'end_user', p_id::text, jsonb_build_object('conversations', done.erased));
  return query select done.erased, done.files;
end $$;
call system_function('end_user_erase(uuid, uuid, text, uuid, text, uuid, timestamptz)');

-- Visitors who have no conversation any more and did not come back.
create function end_users_expire(p_tenant uuid, p_before timestamptz, p_limit int) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare n int;
begin
  delete from end_users u using (
    select e.id from end_users e
     where e.tenant_id = p_tenant and e.seen_at < p_before
       and not exists (select 1 from conversations c where c.tenant_id = e.tenant_id and c.end_user_id = e.id)
       and not exists (select 1 from tasks t where t.tenant_id = e.tenant_id and t.end_user_id = e.id)
     order by e.seen_at limit p_limit for update skip locked) gone
   where u.tenant_id = p_tenant and u.id = gone.id;
  get diagnostics n = row_count;
  return n;
end $$;
call system_function('end_users_expire(uuid, timestamptz, int)');

-- Steps of turns and decisions about models: ids, scores and reasons, for finding out why an answer was given.
create function traces_expire(p_tenant uuid, p_before timestamptz, p_limit int) returns int language plpgsql security definer set search_path = public, pg_temp
as $$
declare n int; m int;
begin
  delete from turn_steps s using (
    select turn_id, attempt, ordinal, created_at from turn_steps where tenant_id = p_tenant and created_at < p_before limit p_limit) old
   where s.tenant_id = p_tenant and s.turn_id = old.turn_id and s.attempt = old.attempt and s.ordinal = old.ordinal and s.created_at = old.created_at;
  get diagnostics n = row_count;
  delete from model_decisions d using (
    select id, ordinal, at from model_decisions where tenant_id = p_tenant and at < p_before limit p_limit) old
   where d.tenant_id = p_tenant and d.id = old.id and d.ordinal = old.ordinal and d.at = old.at;
  get diagnostics m = row_count;
  return n + m;
end $$;
call system_function('traces_expire(uuid, timestamptz, int)');

-- A widget's session opens nothing in a workspace that is being deleted.
set local role {definer};
create or replace function end_user_session_lookup(p_token_hash bytea, p_now timestamptz)
  returns table (tenant_id uuid, session_id uuid, end_user_id uuid, widget_id uuid, expires_at timestamptz, identity_key_id uuid) language sql stable security definer set search_path = public, pg_temp
as $$ select s.tenant_id, s.id, s.end_user_id, s.widget_id, s.expires_at, s.identity_key_id
        from end_user_sessions s join widgets w on w.tenant_id = s.tenant_id and w.id = s.widget_id and w.archived_at is null
        join tenants t on t.id = s.tenant_id and t.status = 'active'
       where s.token_hash = p_token_hash and s.revoked_at is null and s.expires_at > p_now $$;
reset role;
