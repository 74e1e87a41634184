-- Tenants in which somebody talked lately or that are new, the last one first: whose index a node that starts builds before anybody asks. Ids only.
create function tenants_active(p_since timestamptz, p_limit int) returns setof uuid language sql stable security definer set search_path = public, pg_temp
as $$ select a.id
        from (select t.id, coalesce((select c.updated_at from conversations c where c.tenant_id = t.id order by c.updated_at desc, c.id desc limit 1), t.created_at) as at
                from tenants t where t.status = 'active') a
       where a.at > p_since order by a.at desc limit p_limit $$;
call system_function('tenants_active(timestamptz, int)');
