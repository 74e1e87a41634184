using System.Text.Json;
using Npgsql;
using Parley.Platform;
using Parley.Platform.Data;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

public sealed class TenantDbTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string AddSql = "insert into brands (tenant_id, id, name, created_at) values (@tenantId, @id, @name, @now)";
    private TestDatabase _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync(Ct);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_tenant_sees_its_own_rows_and_cannot_write_anothers()
    {
        var (a, b) = (await _database.CreateTenantAsync(ct: Ct), await _database.CreateTenantAsync(ct: Ct));
        await AddBrandAsync(a, "A");
        await AddBrandAsync(b, "B");
        (await NamesAsync(a)).ShouldBe(["A"]);
        (await NamesAsync(b)).ShouldBe(["B"]);
        (await Should.ThrowAsync<PostgresException>(_database.Tenants.InTransactionAsync(a, s =>
            s.ExecuteAsync(AddSql, new { tenantId = b, id = Guid.CreateVersion7(), name = "planted", now = DateTimeOffset.UnixEpoch }), Ct))).SqlState.ShouldBe("42501");
        (await _database.Tenants.InTransactionAsync(a, s => s.ExecuteAsync("update brands set name = 'taken' where tenant_id = @b", new { b }), Ct)).ShouldBe(0);
        (await NamesAsync(b)).ShouldBe(["B"]);
    }

    [Fact]
    public async Task The_tenant_of_one_transaction_does_not_leak_into_the_next_on_the_same_connection()
    {
        var a = await _database.CreateTenantAsync(ct: Ct);
        await AddBrandAsync(a, "A");
        await using var source = NpgsqlDataSource.Create(_database.Options.ConnectionStringOf(_database.Options.AppRole, _database.Key, 1));
        await using (var connection = await source.OpenConnectionAsync(Ct))
        await using (var command = new NpgsqlCommand($"begin; set local app.tenant_id = '{a}'; select count(*) from brands", connection))
        {
            (await command.ExecuteScalarAsync(Ct)).ShouldBe(1L);
            await using var end = new NpgsqlCommand("commit", connection);
            await end.ExecuteNonQueryAsync(Ct);
            await using var after = new NpgsqlCommand("select count(*) from brands", connection);
            (await after.ExecuteScalarAsync(Ct)).ShouldBe(0L);
        }
    }

    [Fact]
    public async Task What_runs_after_the_commit_does_not_run_after_a_rollback()
    {
        var a = await _database.CreateTenantAsync(ct: Ct);
        var ran = 0;
        await _database.Tenants.InTransactionAsync(a, s =>
        {
            s.OnCommitted(() => ran++);
            return s.ExecuteAsync("select 1");
        }, Ct);
        ran.ShouldBe(1);
        await Should.ThrowAsync<InvalidOperationException>(_database.Tenants.InTransactionAsync(a, async s =>
        {
            s.OnCommitted(() => ran++);
            await s.ExecuteAsync(AddSql, new { tenantId = a, id = Guid.CreateVersion7(), name = "gone", now = DateTimeOffset.UnixEpoch });
            throw new InvalidOperationException();
        }, Ct));
        ran.ShouldBe(1);
        (await NamesAsync(a)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Times_arrays_and_json_survive_the_way_there_and_back()
    {
        var a = await _database.CreateTenantAsync(ct: Ct);
        var at = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(9)).AddTicks(10);
        var row = await _database.Tenants.InTransactionAsync(a, s => s.QuerySingleAsync<Shapes>("""
            select @at::timestamptz as at, null::timestamptz as nothing, @texts as texts, @floats as floats, @json::jsonb as json, @uuids as uuids, 5::bigint as big, @at as again
            """, new { at, texts = new[] { "ä", "b" }, floats = new[] { 1.5f, 2f }, json = """{"a":[1]}""", uuids = new[] { a } }), Ct);
        (await _database.System.QuerySingleOrDefaultAsync<DateTimeOffset?>("select null::timestamptz", null, Ct)).ShouldBeNull();
        (await _database.System.QuerySingleOrDefaultAsync<DateTimeOffset?>("select @at", new { at }, Ct)).ShouldBe(at);
        (await _database.System.QuerySingleOrDefaultAsync<bool>("select @none::timestamptz is null", new { none = (DateTimeOffset?)null }, Ct)).ShouldBeTrue();
        row.At.ShouldBe(at);
        row.Again.ShouldBe(at);
        row.Nothing.ShouldBeNull();
        row.Texts.ShouldBe(["ä", "b"]);
        row.Floats.ShouldBe([1.5f, 2f]);
        row.Json.GetProperty("a")[0].GetInt32().ShouldBe(1);
        row.Uuids.ShouldBe([a]);
        row.Big.ShouldBe(5);
    }

    [Fact]
    public async Task A_transaction_that_waits_for_something_else_is_ended_by_the_server()
    {
        var a = await _database.CreateTenantAsync(ct: Ct);
        await _database.Tenants.InTransactionAsync(a, async s =>
            (await s.QuerySingleAsync<string>("select current_setting('idle_in_transaction_session_timeout')")).ShouldBe("5s"), Ct);
    }

    [Fact]
    public async Task Broken_connections_of_a_restarted_server_are_replaced_without_a_failure()
    {
        var a = await _database.CreateTenantAsync(ct: Ct);
        await AddBrandAsync(a, "A");
        await _database.System.QueryAsync<Guid>("select * from tenant_ids()", null, Ct);
        foreach (var role in new[] { _database.Options.AppRole, _database.Options.SystemRole })
        {
            // A role may end its own connections; that is what a restart looks like to a pool.
            await using var source = NpgsqlDataSource.Create(_database.Options.ConnectionStringOf(role, _database.Key, 1));
            await using var kill = source.CreateCommand(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()");
            await kill.ExecuteNonQueryAsync(Ct);
        }
        (await NamesAsync(a)).ShouldBe(["A"]);
        (await _database.System.QueryAsync<Guid>("select * from tenant_ids()", null, Ct)).ShouldContain(a);
    }

    [Fact]
    public async Task What_the_database_refuses_or_cannot_do_is_explained_without_its_words()
    {
        var a = await _database.CreateTenantAsync(ct: Ct);
        var refused = await Should.ThrowAsync<PostgresException>(AddBrandAsync(a, "nul\0"));
        DatabaseErrors.Explain(refused)!.Status.ShouldBe(400);
        var nowhere = _database.Options with { OwnerConnectionString = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=2" };
        await using var sources = new DataSources(nowhere, _database.Key);
        var away = await Should.ThrowAsync<NpgsqlException>(new TenantDb(sources).InTransactionAsync(a, s => s.ExecuteAsync("select 1"), Ct));
        DatabaseErrors.Explain(away)!.Status.ShouldBe(503);
        DatabaseErrors.Explain(await Should.ThrowAsync<PostgresException>(_database.Tenants.InTransactionAsync(a, s => s.ExecuteAsync("select nothing"), Ct))).ShouldBeNull();
        DatabaseErrors.Explain(new InvalidOperationException()).ShouldBeNull();
    }

    [Fact]
    public async Task Deleting_a_tenant_takes_everything_of_it_and_nothing_of_another()
    {
        var (a, b) = (await _database.CreateTenantAsync(ct: Ct), await _database.CreateTenantAsync(ct: Ct));
        foreach (var tenant in new[] { a, b })
        {
            await _database.Tenants.InTransactionAsync(tenant, s => s.ExecuteAsync(Planted, new { tenantId = tenant, now = DateTimeOffset.UnixEpoch, id = Ids.New(TimeProvider.System) }), Ct);
        }
        await _database.System.ExecuteAsync("select tenant_delete(@a)", new { a }, Ct);
        await using var all = await _database.Everything.OpenConnectionAsync(Ct);
        var tables = (await Dapper.SqlMapper.QueryAsync<string>(all, """
            select c.oid::regclass::text from pg_class c join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
             where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
            """)).ToList();
        foreach (var table in tables)
        {
            (await Dapper.SqlMapper.ExecuteScalarAsync<int>(all, $"select count(*)::int from {table} where tenant_id = @a", new { a })).ShouldBe(0, table);
        }
        (await NamesAsync(b)).ShouldBe(["planted"]);
        (await _database.Tenants.InTransactionAsync(b, s => s.QuerySingleAsync<int>("select count(*)::int from documents"), Ct)).ShouldBe(1);
    }

    private const string Planted = """
        insert into brands (tenant_id, id, name, created_at) values (@tenantId, @id, 'planted', @now);
        insert into assistants (tenant_id, id, brand_id, name, created_at) values (@tenantId, @id, @id, 'planted', @now);
        insert into widgets (tenant_id, id, public_key, assistant_id, brand_id, name, created_at) values (@tenantId, @id, 'pw_' || replace(@id::text, '-', ''), @id, @id, 'planted', @now);
        insert into end_users (tenant_id, id, created_at, seen_at) values (@tenantId, @id, @now, @now);
        insert into conversations (tenant_id, id, end_user_id, assistant_id, widget_id, created_at, updated_at) values (@tenantId, @id, @id, @id, @id, @now, @now);
        insert into messages (tenant_id, conversation_id, id, seq, author_kind, created_at) values (@tenantId, @id, @id, 1, 'end_user', @now);
        insert into objects (tenant_id, hash, size, content_type, created_at) values (@tenantId, sha256('x'), 1, 'text/plain', @now);
        insert into message_parts (tenant_id, message_id, ordinal, type, content, object_hash) values (@tenantId, @id, 0, 'file', '{}', sha256('x'));
        insert into knowledge_sources (tenant_id, id, kind, canonical, name, created_at, updated_at) values (@tenantId, @id, 'upload', 'x', 'planted', @now, @now);
        insert into documents (tenant_id, id, source_id, path, title, content_hash, text_hash, version, object_hash, byte_size, change_number, created_at, updated_at)
          values (@tenantId, @id, @id, 'x', 'planted', sha256('x'), sha256('x'), 1, sha256('x'), 1, 1, @now, @now);
        insert into roles (tenant_id, key, name, created_at) values (@tenantId, 'agent', 'Agent', @now);
        insert into turns (tenant_id, id, conversation_id, message_id, job_id, through_seq, state, created_at) values (@tenantId, @id, @id, @id, @id, 1, 'running', @now);
        insert into handoffs (tenant_id, id, conversation_id, state, priority, reasons, summary, requested_by, waiting_since, created_at, updated_at)
          values (@tenantId, @id, @id, 'queued', 'low', '{}', '', 'end_user', @now, @now, @now);
        insert into golden_questions (tenant_id, id, question, expected_document_id, expected_outcome, category, source_conversation_id, created_at, updated_at)
          values (@tenantId, @id, 'planted', @id, 'answered', 'simple', @id, @now, @now);
        """;

    private Task AddBrandAsync(Guid tenant, string name) => _database.Tenants.InTransactionAsync(tenant, s =>
        s.ExecuteAsync(AddSql, new { tenantId = tenant, id = Guid.CreateVersion7(), name, now = DateTimeOffset.UnixEpoch }), Ct);

    private Task<IReadOnlyList<string>> NamesAsync(Guid tenant) => _database.Tenants.InTransactionAsync(tenant, s => s.QueryAsync<string>("select name from brands order by name"), Ct);

    private sealed record Shapes
    {
        public DateTimeOffset At { get; init; }

        public DateTimeOffset? Nothing { get; init; }

        public string[] Texts { get; init; } = [];

        public float[] Floats { get; init; } = [];

        public JsonElement Json { get; init; }

        public Guid[] Uuids { get; init; } = [];

        public long Big { get; init; }

        public DateTimeOffset Again { get; init; }
    }
}
