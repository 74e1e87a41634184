using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Parley.Platform.Secrets;

namespace Parley.Platform.Data;

/// <summary>One embedded SQL file. Files of all modules run in the order of their names.</summary>
public sealed record Migration(string Name, string Sql)
{
    /// <summary>Of the text with \n as line end: a checkout on Windows must not look like a changed file.</summary>
    internal byte[] Checksum => SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n")));

    /// <summary>The files that an assembly embeds under <c>migrations/</c>.</summary>
    public static IEnumerable<Migration> Of(Assembly assembly) =>
        from resource in assembly.GetManifestResourceNames()
        where resource.StartsWith("migrations/", StringComparison.Ordinal)
        select new Migration(resource["migrations/".Length..], Read(assembly, resource));

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}

/// <summary>Brings the schema up to date: roles first, then each new file in its own transaction, under an advisory lock.</summary>
public sealed class Migrator(DatabaseOptions options, MasterKey key, IEnumerable<Migration> migrations)
{
    private const long LockId = 0x5061726c6579; // "Parley"

    // Also in databases of an earlier form; without a change it takes no lock.
    private const string CreateInstallation = """
        create table if not exists installation (is_this_one boolean primary key default true check (is_this_one), master_key_id text not null, objects_id text, restoring text)
        """;

    private const string AddRestoring = """
        do $$ begin
          if not exists (select 1 from pg_attribute where attrelid = 'installation'::regclass and attname = 'restoring') then
            alter table installation add column restoring text;
          end if;
        end $$
        """;

    /// <summary>True: a restore makes the schema that it needs.</summary>
    internal bool Restoring { get; init; }

    /// <summary>Marks the database as incomplete, before anything is in it; the restore takes the mark away in the transaction that brings the rows.</summary>
    internal static async Task BeginRestoreAsync(NpgsqlConnection connection, MasterKey key, Guid backup, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition(CreateInstallation + ";" + AddRestoring, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition("""
            insert into installation (master_key_id, restoring) values (@key, @backup) on conflict (is_this_one) do update set restoring = excluded.restoring
            """, new { key = key.Id, backup = backup.ToString("D") }, cancellationToken: ct));
        await transaction.CommitAsync(ct);
    }

    /// <summary>The backup whose restore was not finished; null: none.</summary>
    internal static async Task<string?> RestoringAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from pg_attribute where attrelid = to_regclass('installation') and attname = 'restoring')", cancellationToken: ct))
            ? await connection.ExecuteScalarAsync<string?>(new CommandDefinition("select restoring from installation", cancellationToken: ct))
            : null;

    /// <summary>Applies what is missing and returns the names applied.</summary>
    /// <remarks>Files that a newer Parley has applied are left alone: during an upgrade two versions run side by side.</remarks>
    /// <exception cref="MigrationException">A file that was applied has changed since, or the roles cannot be made.</exception>
    public async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.OwnerConnectionString) { Pooling = false }.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(ct);
        // Another node may be migrating: waits for it, however long it takes. The lock goes with the connection.
        await connection.ExecuteAsync(new CommandDefinition("select pg_advisory_lock(@id)", new { id = LockId }, commandTimeout: 0, cancellationToken: ct));
        await EnsureSameKeyAsync(connection, ct);
        if (!Restoring && await RestoringAsync(connection, ct) is { } backup)
        {
            throw new MigrationException($"This database is incomplete: the restore of the backup {backup} was not finished. Run it again: parley restore FILE");
        }
        await RetryOnSharedCatalogAsync(() => EnsureRolesAsync(connection, ct));
        await connection.ExecuteAsync(new CommandDefinition(
            "create table if not exists schema_migrations (name text primary key, checksum bytea not null, applied_at timestamptz not null default now())", cancellationToken: ct));
        var applied = (await connection.QueryAsync<(string Name, byte[] Checksum)>(new CommandDefinition(
            "select name, checksum from schema_migrations", cancellationToken: ct))).ToDictionary(r => r.Name, r => r.Checksum, StringComparer.Ordinal);
        var known = migrations.OrderBy(m => m.Name, StringComparer.Ordinal).ToList();
        var done = new List<string>();
        foreach (var migration in known)
        {
            if (applied.TryGetValue(migration.Name, out var checksum))
            {
                if (!checksum.AsSpan().SequenceEqual(migration.Checksum))
                {
                    throw new MigrationException($"The migration {migration.Name} was changed after it had been applied. Restore the file; put the change into a new one.");
                }
                continue;
            }
            await ApplyAsync(connection, migration, ct);
            done.Add(migration.Name);
        }
        await connection.ExecuteAsync(new CommandDefinition("select partitions_ensure_all()", cancellationToken: ct));
        return done;
    }

    /// <summary>The names of the files that are not applied yet. Changes nothing.</summary>
    public async Task<IReadOnlyList<string>> PendingAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.OwnerConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        var names = migrations.Select(m => m.Name).Order(StringComparer.Ordinal).ToList();
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition("select to_regclass('schema_migrations') is not null", cancellationToken: ct)))
        {
            return names;
        }
        var applied = await connection.QueryAsync<string>(new CommandDefinition("select name from schema_migrations", cancellationToken: ct));
        return [.. names.Except(applied, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The roles' passwords and every secret come from the master key. A node that came with another one would lock the others out and
    /// could read nothing that they wrote: it must not get as far as changing anything.
    /// </summary>
    private async Task EnsureSameKeyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await connection.ExecuteAsync(new CommandDefinition(CreateInstallation + ";" + AddRestoring, cancellationToken: ct));
        var id = await connection.ExecuteScalarAsync<string?>(new CommandDefinition("select master_key_id from installation", cancellationToken: ct));
        if (id is null)
        {
            await connection.ExecuteAsync(new CommandDefinition("insert into installation (master_key_id) values (@id)", new { id = key.Id }, cancellationToken: ct));
        }
        else if (id != key.Id)
        {
            throw new MigrationException(
                $"This database belongs to the master key {id}, and this node has the key {key.Id}. Give it the same one: set PARLEY_MASTER_KEY, or copy the first node's master.key into this node's data folder.");
        }
    }

    private async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        // As one simple-protocol text: a file holds many statements and PL/pgSQL bodies.
        await using (var command = new NpgsqlCommand(Resolve(migration.Sql), connection, transaction))
        {
            command.CommandTimeout = 0;
            try
            {
                await command.ExecuteNonQueryAsync(ct);
            }
            catch (PostgresException e)
            {
                throw new MigrationException($"The migration {migration.Name} failed: {e.MessageText.Split('\n')[0]} (position {e.Position}).", e);
            }
        }
        await connection.ExecuteAsync(new CommandDefinition("insert into schema_migrations (name, checksum) values (@Name, @Checksum)",
            new { migration.Name, migration.Checksum }, transaction, cancellationToken: ct));
        await transaction.CommitAsync(ct);
    }

    private string Resolve(string sql) => sql
        .Replace("{app}", Quote(options.AppRole), StringComparison.Ordinal)
        .Replace("{system}", Quote(options.SystemRole), StringComparison.Ordinal)
        .Replace("{scheduler}", Quote(options.SchedulerRole), StringComparison.Ordinal)
        .Replace("{definer}", Quote(options.DefinerRole), StringComparison.Ordinal)
        .Replace("{owner}", Quote(options.OwnerRole), StringComparison.Ordinal);

    private async Task EnsureRolesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var canLogin = new Dictionary<string, bool>(StringComparer.Ordinal)
        {
            [options.AppRole] = true, [options.SystemRole] = true, [options.SchedulerRole] = true, [options.DefinerRole] = false,
        };
        foreach (var (role, login) in canLogin)
        {
            var attributes = "nosuperuser nocreatedb nocreaterole nobypassrls noreplication "
                + (login ? $"login password '{ScramVerifier.Of(DatabaseOptions.PasswordOf(role, key))}'" : "nologin");
            var exists = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
                "select exists (select 1 from pg_roles where rolname = @role)", new { role }, cancellationToken: ct));
            try
            {
                if (!exists)
                {
                    await connection.ExecuteAsync(new CommandDefinition($"create role {Quote(role)} {attributes}", cancellationToken: ct));
                }
                else if (login && !await CanConnectAsync(role, ct))
                {
                    await connection.ExecuteAsync(new CommandDefinition($"alter role {Quote(role)} login password '{ScramVerifier.Of(DatabaseOptions.PasswordOf(role, key))}'", cancellationToken: ct));
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new MigrationException($"The role {options.OwnerRole} may not create roles. Run `parley doctor` for the SQL that a database administrator must run once.", e);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
            {
                // Another database of the same server is being migrated at the same time.
            }
        }
        // The owner must be able to hand functions to the definer, which must be able to own them. It need not see what the definer
        // sees: from PostgreSQL 16 on it may become the definer without inheriting the policy that lets every tenant's rows through.
        await connection.ExecuteAsync(new CommandDefinition($"""
            do $$ begin
              if current_setting('server_version_num')::int >= 160000 then
                if not pg_has_role(current_user, '{options.DefinerRole}', 'set') then
                  execute 'grant {Quote(options.DefinerRole)} to ' || quote_ident(current_user) || ' with inherit false, set true';
                end if;
              elsif not pg_has_role(current_user, '{options.DefinerRole}', 'member') then
                execute 'grant {Quote(options.DefinerRole)} to ' || quote_ident(current_user);
              end if;
            end $$;
            grant create, usage on schema public to {Quote(options.DefinerRole)};
            grant usage on schema public to {Quote(options.AppRole)}, {Quote(options.SystemRole)};
            """, cancellationToken: ct));
    }

    /// <summary>Roles are the server's: migrating another database of it at the same time can make this fail for a moment.</summary>
    private static async Task RetryOnSharedCatalogAsync(Func<Task> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (PostgresException e) when (attempt < 10 && e is { SqlState: PostgresErrorCodes.InternalError, MessageText: "tuple concurrently updated" })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt));
            }
        }
    }

    private async Task<bool> CanConnectAsync(string role, CancellationToken ct)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.ConnectionStringOf(role, key, 1)) { Pooling = false }.ConnectionString);
            await using var connection = await source.OpenConnectionAsync(ct);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return false;
        }
    }

    private static string Quote(string identifier) => '"' + identifier.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}

/// <summary>The schema could not be brought up to date; the message says what to do.</summary>
public sealed class MigrationException : Exception
{
    /// <inheritdoc/>
    public MigrationException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
