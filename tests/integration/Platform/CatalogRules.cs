using Dapper;
using Npgsql;
using Parley.Platform.Data;

namespace Parley.Tests.Integration.Platform;

/// <summary>The rules of tenancy, read from PostgreSQL's own catalog. Each returns what breaks it.</summary>
internal static class CatalogRules
{
    /// <summary>Tables of the whole installation. The application has no right on them; the two that it may read in part have a policy.</summary>
    internal static readonly string[] Global =
    [
        "tenants", "users", "instance_roles", "sign_in_attempts", "user_sessions", "user_factors", "user_recovery_codes", "password_links", "data_protection_keys", "rate_windows", "nodes", "instance_settings",
        "partitioned_tables", "schema_migrations", "installation", "instance_model_accounts",
    ];

    /// <summary>Global tables of which the application sees rows, through a policy.</summary>
    private static readonly string[] GlobalByPolicy = ["tenants", "users"];

    /// <summary>Looked up before the tenant is known, so unique in the installation: hashes of random tokens, public keys.</summary>
    private static readonly string[] GlobalUnique = ["api_keys.key_hash", "end_user_sessions.token_hash", "invitations.code_hash", "widgets.public_key"];

    /// <summary>Grow for ever: retention drops their months.</summary>
    private static readonly string[] ByMonth = ["events", "usage", "turn_steps", "job_history", "audit"];

    /// <summary>DDL needs the owner; it reads no rows of tenants.</summary>
    private static readonly string[] OwnersFunctions = ["partitions_ensure_all"];

    private static readonly (string Rule, string Query)[] Rules =
    [
        ("tables are tenant tables or listed as global", """
            select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
               and not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull and a.atttypid = 'uuid'::regtype)
               and c.relname <> all (@global)
            """),
        ("tenant tables and their partitions force row level security", """
            select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all (@global)
               and not (c.relrowsecurity and c.relforcerowsecurity)
            union all
            select unnest(@globalByPolicy) except select relname from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity and relforcerowsecurity
            """),
        ("tenant tables have the one policy on the tenant, and another for the definer only", """
            select c.relname from pg_class c
              join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
              left join pg_policy p on p.polrelid = c.oid and p.polroles <> array[@definer::regrole::oid]
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all (@global)
             group by c.oid, c.relname
            having count(p.oid) <> 1
                or bool_or(p.polcmd <> '*' or not p.polpermissive
                     or pg_get_expr(p.polqual, c.oid) is distinct from '(tenant_id = ( SELECT current_tenant() AS current_tenant))'
                     or pg_get_expr(p.polwithcheck, c.oid) is distinct from '(tenant_id = ( SELECT current_tenant() AS current_tenant))')
            """),
        ("unique keys of tenant tables begin with tenant_id", """
            select c.relname || '.' || a.attname from pg_index i join pg_class c on c.oid = i.indrelid
              join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
             where c.relnamespace = 'public'::regnamespace and i.indisunique and not c.relispartition and c.relname <> all (@global)
               and a.attname <> 'tenant_id' and c.relname || '.' || a.attname <> all (@globalUnique)
            """),
        ("tenant tables have a primary key", """
            select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
               and not exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary)
            """),
        ("foreign keys between tenant tables begin with tenant_id", """
            select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class t on t.oid = k.confrelid
              join pg_attribute ca on ca.attrelid = c.oid and ca.attnum = k.conkey[1]
              join pg_attribute ta on ta.attrelid = t.oid and ta.attnum = k.confkey[1]
             where k.contype = 'f' and c.relnamespace = 'public'::regnamespace and k.conparentid = 0 and c.relname <> all (@global)
               and not (ca.attname = 'tenant_id' and (ta.attname = 'tenant_id' or t.relname = 'tenants'))
               and not (t.relname = 'users' and ca.attname = 'user_id')
            """),
        ("ON DELETE SET NULL names its columns", """
            select k.conname from pg_constraint k where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.confdeltype = 'n' and k.confdelsetcols is null
            """),
        ("a foreign key that does not cascade is deferrable, or a tenant could not be deleted whole", """
            select k.conname from pg_constraint k where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.confdeltype in ('a', 'r') and not k.condeferrable
            """),
        ("views run with the rights of who asks", """
            select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace
               and ((c.relkind = 'v' and not coalesce(c.reloptions @> '{security_invoker=true}', false)) or c.relkind = 'm')
            """),
        ("functions that run as somebody else pin their search path and belong to the definer", """
            select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
               and (not coalesce(p.proconfig @> array['search_path=public, pg_temp'], false)
                    or (p.proowner <> @definer::regrole and not (p.proname = any (@ownersFunctions) and p.proowner <> @app::regrole)))
            """),
        ("functions that run as somebody else are for the system role", """
            select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
               and (has_function_privilege(@app, p.oid, 'execute') or has_function_privilege(@scheduler, p.oid, 'execute')
                    or not has_function_privilege(@system, p.oid, 'execute'))
            """),
        ("other functions and procedures are not everybody's", """
            select p.proname from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
             where p.pronamespace = 'public'::regnamespace and x.grantee = 0 and x.privilege_type = 'EXECUTE' and p.proname <> 'current_tenant'
            """),
        ("the application has no right on what is global", """
            select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname = any (@global)
               and c.relname <> all (@globalByPolicy) and (has_any_column_privilege(@app, c.oid, 'select,insert,update') or has_table_privilege(@app, c.oid, 'delete,truncate'))
            """),
        ("the system role has no right on any table, the scheduler only on its own", """
            select c.oid::regclass::text || ' ' || r.name from pg_class c, unnest(array[@system, @scheduler]) as r (name)
             where c.relkind in ('r', 'p', 'v') and c.relnamespace in ('public'::regnamespace, 'quartz'::regnamespace)
               and not (r.name = @scheduler and c.relnamespace = 'quartz'::regnamespace)
               and (has_any_column_privilege(r.name, c.oid, 'select,insert,update') or has_table_privilege(r.name, c.oid, 'delete,truncate,trigger'))
            """),
        ("the roles that log in own nothing, are nobody else and bypass nothing", """
            select r.rolname from pg_roles r where r.rolname in (@app, @system, @scheduler)
               and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication
                    or exists (select 1 from pg_auth_members m where m.member = r.oid) or exists (select 1 from pg_class c where c.relowner = r.oid)
                    or exists (select 1 from pg_proc p where p.proowner = r.oid)
                    or has_schema_privilege(r.rolname, 'public', 'create'))
            """),
        ("what grows for ever is cut by months", """
            select unnest(@byMonth) except select relname from pg_class where relkind = 'p'
            """),
    ];

    internal static IReadOnlyList<string> Names => [.. Rules.Select(rule => rule.Rule)];

    /// <summary>What breaks the rules, as "rule: thing".</summary>
    internal static async Task<List<string>> ViolationsAsync(NpgsqlConnection connection, DatabaseOptions options)
    {
        var args = new
        {
            global = Global, globalByPolicy = GlobalByPolicy, globalUnique = GlobalUnique, byMonth = ByMonth, ownersFunctions = OwnersFunctions,
            definer = options.DefinerRole, app = options.AppRole, system = options.SystemRole, scheduler = options.SchedulerRole,
        };
        var violations = new List<string>();
        foreach (var (rule, query) in Rules)
        {
            violations.AddRange((await connection.QueryAsync<string>(query, args)).Select(thing => $"{rule}: {thing}"));
        }
        return violations;
    }
}
