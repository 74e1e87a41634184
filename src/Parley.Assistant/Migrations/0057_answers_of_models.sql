-- What an answer's confidence is worth is learnt for answers that the composer made: what models wrote is judged by other signals, and teaches nothing about these.
create or replace view v_turns with (security_invoker = true) as
  select t.tenant_id, t.id as turn_id, t.conversation_id, t.message_id, t.outcome,
         case when t.tier in ('small', 'medium', 'large') then null else
           (select (s.data ->> 'rawConfidence')::double precision from turn_steps s
             where s.tenant_id = t.tenant_id and s.turn_id = t.id and s.name = 'generate' and s.data ? 'rawConfidence' order by s.attempt desc, s.ordinal desc limit 1) end as raw_confidence
    from turns t;
