using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Host;
using Parley.Host.Backup;
using Parley.Identity;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Platform.Outbound;
using Parley.Platform.Secrets;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>One moment of an instance into a file, and back into an empty one.</summary>
public sealed class BackupTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly Progress<string> Silent = new();
    private static readonly string[] Questions = ["Do zebras have stripes?", "How do I feed a lion?", "Where do penguins live?", "What is the price of hay?", "How do I bake bread?"];
    private readonly ScratchFolder _scratch = new();
    private ParleyHost _host = null!;
    private HandoffWorld _world = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_scratch.Path, "backup.tar.gz");

    public async ValueTask InitializeAsync()
    {
        _host = await IdentityHost.StartAsync(postgres);
        _world = await HandoffWorld.MakeAsync(_host);
        await _world.Tenant.Operator().ImportAsync("Zoo", "complete",
            KnowledgeWorld.File("zebra.md", "# Zebras\n\nZebras have black and white stripes. No two zebras have the same stripes.\n"),
            KnowledgeWorld.File("lion.md", "# Lions\n\n## Feeding\n\nTo feed a lion, put the meat behind the inner gate and open it.\n"),
            KnowledgeWorld.File("penguin.md", "# Penguins\n\nPenguins live in the south pool. The pool opens at nine.\n\n| Thing | Price |\n| --- | --- |\n| Hay | 4 |\n\\. a line that looks like COPY's end\n\ttab and \\N backslash\n"));
        var talk = await _world.ConversationAsync("Help", "Ünïcödé 🦓 \\N \\. \t tab");
        await _world.RequestAsync(talk);
        await _world.InAsync(async s => { await _host.Services.GetRequiredService<SecretStore>().PutAsync(s, "provider.key", "sk-secret"); return true; });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_restored_instance_has_every_row_every_file_and_the_same_answers()
    {
        var answers = await AnswersAsync(_host);
        answers.Count(a => a.Contains("\"answered\"")).ShouldBeGreaterThan(1);
        var made = await BackUpAsync();
        made.Objects.ShouldBe(3);
        made.MissingObjects.ShouldBeEmpty();
        await using var target = await postgres.CreateEmptyDatabaseAsync(Ct);
        var restored = await RestoreAsync(target);
        restored.Rows.ShouldBe(made.Rows);
        (await PrintsAsync(target)).ShouldBe(await WrittenAsync());
        (await StoredAsync(Folder("restored"))).ShouldBe(await StoredAsync(Folder("")));

        // Restored events are older than every transaction to come; new ones get their own number again.
        await using (var all = await target.Everything.OpenConnectionAsync(Ct))
        {
            (await all.QueryAsync<string>("select distinct xid::text from events")).ShouldBe(["3"]);
            (await all.ExecuteScalarAsync<string>("select column_default from information_schema.columns where table_name = 'events' and column_name = 'xid'")).ShouldBe("pg_current_xact_id()");
        }
        await using var again = await ParleyHost.StartAsync(postgres, database: target, ct: Ct);
        (await AnswersAsync(again)).ShouldBe(answers);
        // Its secrets open, its audit chain holds, row level security is forced, numbers go on, and work can be added.
        (await target.Tenants.InTransactionAsync(_world.Tenant.Id, s => again.Services.GetRequiredService<SecretStore>().GetAsync(s, "provider.key"), Ct)).ShouldBe("sk-secret");
        await using (var owner = await target.Owner.OpenConnectionAsync(Ct)) (await Parley.Tests.Integration.Platform.CatalogRules.ViolationsAsync(owner, target.Options)).ShouldBeEmpty();
        (await again.Services.GetRequiredService<AuditVerifier>().VerifyAsync(_world.Tenant.Id, Ct)).Problems.ShouldBeEmpty();
        await (_world with { Host = again }).ConversationAsync("Another");
        await using (var all = await target.Everything.OpenConnectionAsync(Ct)) (await all.ExecuteScalarAsync<int>("select count(*)::int from events where xid > '3'::xid8")).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_file_that_is_cut_off_or_changed_is_refused_before_anything_is_done()
    {
        await BackUpAsync();
        var whole = await File.ReadAllBytesAsync(FilePath, Ct);
        foreach (var length in new[] { 0, 100, whole.Length / 2, whole.Length - 1000 })
        {
            await File.WriteAllBytesAsync(FilePath, whole[..length], Ct);
            await RefusedAsync("damaged");
        }
        await File.WriteAllTextAsync(FilePath, "not an archive at all", Ct);
        await RefusedAsync("damaged");
        await File.WriteAllBytesAsync(FilePath, whole, Ct);
        await RewriteAsync((name, content) => name.StartsWith("tables/messages/", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace("end_user", "assistant", StringComparison.Ordinal)) : content);
        await RefusedAsync("damaged: the rows of messages");
        await File.WriteAllBytesAsync(FilePath, whole, Ct);
        await RewriteAsync((name, content) => name.StartsWith("objects/", StringComparison.Ordinal) ? [.. content.Reverse()] : content);
        await RefusedAsync("another content");
        await File.WriteAllBytesAsync(FilePath, whole, Ct);
        await RewriteAsync((name, content) => name == "manifest.json" ? null : content);
        await RefusedAsync("ends too early");

        async Task RefusedAsync(string cause)
        {
            await using var target = await postgres.CreateEmptyDatabaseAsync(Ct);
            (await Should.ThrowAsync<CommandException>(() => RestoreAsync(target))).Message.ShouldContain(cause);
            await using var owner = await target.Owner.OpenConnectionAsync(Ct);
            (await owner.ExecuteScalarAsync<int>("select count(*)::int from pg_class where relnamespace = 'public'::regnamespace")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Another_key_another_build_and_a_database_with_something_in_it_are_refused()
    {
        await BackUpAsync();
        var header = await new BackupArchive(FilePath).HeaderAsync(Ct);
        var other = MasterKey.Parse(Convert.ToBase64String(new byte[32]));
        Refusal(header, other).ShouldContain(_host.Database.Key.Id);
        Refusal(header, null).ShouldContain("there is none here");
        Refusal(header with { Migrations = [.. header.Migrations, new BackupMigration("9999_future.sql", "00")] }, _host.Database.Key).ShouldContain("later than this one");
        Refusal(header with { Migrations = [header.Migrations[0] with { Checksum = "00" }, .. header.Migrations.Skip(1)] }, _host.Database.Key).ShouldContain("another build");

        (await Should.ThrowAsync<CommandException>(() => RestoreAsync(_host.Database))).Message.ShouldContain("not empty");
        (await _world.InAsync(s => s.QuerySingleAsync<int>("select count(*)::int from messages"))).ShouldBeGreaterThan(0);

        static string Refusal(BackupHeader header, MasterKey? key) => Should.Throw<CommandException>(() => BackupRestore.EnsureFits(header, key, Modules.Migrations)).Message;
    }

    [Fact]
    public async Task An_older_backup_is_brought_up_to_date_after_its_rows_are_back()
    {
        // Made by a Parley that had one file of the schema less: what that file would do to the rows it does now.
        await BackUpAsync();
        await using var target = await postgres.CreateEmptyDatabaseAsync(Ct);
        var archive = new BackupArchive(FilePath);
        var (header, manifest) = await archive.VerifyAsync(Silent, Ct);
        var without = header with { Migrations = [.. header.Migrations.Where(m => m.Name != "0063_judgements.sql")] };
        var kept = manifest with { Tables = [.. manifest.Tables.Where(t => t.Name != "answer_judgements")] };
        using var store = Folder("older");
        var result = await new BackupRestore(archive, target.Options, target.Key, store, Silent).RunAsync(without, kept, Ct);
        result.Migrated.ShouldBe(["0063_judgements.sql"]);
        await using var again = await ParleyHost.StartAsync(postgres, database: target, ct: Ct);
        (await again.Client().GetAsync("/health/ready", Ct)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_restore_that_ended_in_the_middle_leaves_a_database_that_says_so_and_can_be_tried_again()
    {
        await BackUpAsync();
        await using var target = await postgres.CreateEmptyDatabaseAsync(Ct);
        using (var failing = new FailingObjects(Folder("restored"))) await Should.ThrowAsync<ObjectStoreException>(() => RestoreAsync(target, failing));
        await using (var all = await target.Everything.OpenConnectionAsync(Ct)) (await all.ExecuteScalarAsync<int>("select count(*)::int from messages")).ShouldBe(0);
        (await Should.ThrowAsync<MigrationException>(() => new Migrator(target.Options, target.Key, Modules.Migrations).MigrateAsync(Ct))).Message.ShouldContain("restore");
        await RestoreAsync(target);
        (await PrintsAsync(target)).ShouldBe(await WrittenAsync());
        (await new Migrator(target.Options, target.Key, Modules.Migrations).MigrateAsync(Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_backup_is_one_moment_while_customers_write_on()
    {
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await _world.ConversationAsync("On and on");
        }, Ct);
        await BackUpAsync();
        await stop.CancelAsync();
        await writing;
        await using var target = await postgres.CreateEmptyDatabaseAsync(Ct);
        await RestoreAsync(target); // every foreign key holds and every hash is that of the file
        await using var all = await target.Everything.OpenConnectionAsync(Ct);
        (await all.ExecuteScalarAsync<int>("select count(*)::int from conversations c where last_seq <> (select coalesce(max(seq), 0) from events e where e.conversation_id = c.id)")).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_that_was_lost_is_told_and_one_that_was_damaged_stops_the_backup()
    {
        var files = Directory.EnumerateFiles(Path.Combine(_host.DataDirectory, "objects"), "*", SearchOption.AllDirectories).ToList();
        await File.AppendAllTextAsync(files[0], "x", Ct);
        (await Should.ThrowAsync<CommandException>(BackUpAsync)).Message.ShouldContain(Path.GetFileName(files[0]));
        File.Exists(FilePath).ShouldBeFalse();
        Directory.EnumerateFiles(_scratch.Path, "*.partial").ShouldBeEmpty();
        File.Delete(files[0]);
        (await BackUpAsync()).MissingObjects.Single().ShouldEndWith(Path.GetFileName(files[0]));
        (await Should.ThrowAsync<CommandException>(BackUpAsync)).Message.ShouldContain("exists already");
        await using var target = await postgres.CreateEmptyDatabaseAsync(Ct);
        (await RestoreAsync(target)).MissingObjects.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Files_may_be_in_s3_on_either_side()
    {
        await using var s3 = await S3Double.StartAsync();
        using var http = new GuardedHttp(new Parley.Platform.PlatformOptions { Objects = "", PrivateHosts = s3.Host }, TimeProvider.System);
        using var bucket = new S3Objects(ObjectLocation.Parse(s3.Location), new S3Credentials(S3Double.AccessKey, S3Double.SecretKey), http, TimeProvider.System);
        await BackUpAsync();
        await using (var target = await postgres.CreateEmptyDatabaseAsync(Ct)) await RestoreAsync(target, bucket);
        (await StoredAsync(bucket)).ShouldBe(await StoredAsync(Folder("")));
        File.Delete(FilePath);
        (await new BackupWriter(_host.Database.Options, bucket, TimeProvider.System, Silent).WriteAsync(FilePath, Ct)).Objects.ShouldBe(3);
        await new BackupArchive(FilePath).VerifyAsync(Silent, Ct);
    }

    [Fact]
    public async Task It_works_with_the_oldest_postgresql_and_between_versions()
    {
        Assert.SkipUnless(ForeignPostgres.IsInstalled, "PostgreSQL 15 is not installed (apt-get install postgresql-15)");
        await BackUpAsync();
        await using var server = await ForeignPostgres.StartAsync(Ct);
        var options = new DatabaseOptions(await server.CreateDatabaseAsync("restored", "createrole", Ct));
        var archive = new BackupArchive(FilePath);
        var (header, manifest) = await archive.VerifyAsync(Silent, Ct);
        using var store = Folder("restored");
        await new BackupRestore(archive, options, _host.Database.Key, store, Silent).RunAsync(header, manifest, Ct);
        var back = Path.Combine(_scratch.Path, "back.tar.gz");
        await new BackupWriter(options, store, TimeProvider.System, Silent).WriteAsync(back, Ct);
        var (_, fromOld) = await new BackupArchive(back).VerifyAsync(Silent, Ct);
        fromOld.Tables.Select(t => (t.Name, t.Rows, t.Sha256)).ShouldBe(manifest.Tables.Select(t => (t.Name, t.Rows, t.Sha256)));
    }

    private FolderObjects Folder(string name) => new(name.Length == 0 ? Path.Combine(_host.DataDirectory, "objects") : Path.Combine(_scratch.Path, name));

    private async Task<BackupResult> BackUpAsync()
    {
        // Work in the background ends first: a moment later the rows would be others.
        await using (var all = await _host.Database.Everything.OpenConnectionAsync(Ct))
            await HandoffWorld.EventuallyAsync(async () => await all.ExecuteScalarAsync<int>("select count(*)::int from jobs where state in ('queued', 'running')") == 0, "the end of the work");
        using var store = Folder("");
        return await new BackupWriter(_host.Database.Options, store, TimeProvider.System, Silent).WriteAsync(FilePath, Ct);
    }

    private async Task<RestoreResult> RestoreAsync(TestDatabase target, IObjectBackend? into = null)
    {
        var archive = new BackupArchive(FilePath);
        var (header, manifest) = await archive.VerifyAsync(Silent, Ct);
        using var store = into is null ? Folder("restored") : null;
        return await new BackupRestore(archive, target.Options, target.Key, into ?? store!, Silent).RunAsync(header, manifest, Ct);
    }

    private async Task<List<string>> AnswersAsync(ParleyHost host)
    {
        var client = host.OperatorClient(_world.Tenant.Slug);
        var answers = new List<string>();
        foreach (var question in Questions)
        {
            using var response = await client.PostAsJsonAsync("/v1/assistant/ask", new { question }, Ct);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!;
            answers.Add($"{answer["outcome"]!.ToJsonString()} {answer["answer"]?.ToJsonString()} {answer["confidence"]?.ToJsonString()} {answer["citations"]?.ToJsonString()}");
        }
        return answers;
    }

    /// <summary>What the archive says.</summary>
    private async Task<List<string>> WrittenAsync() =>
        [.. (await new BackupArchive(FilePath).VerifyAsync(Silent, Ct)).Manifest.Tables.Select(t => $"{t.Name} {t.Rows} {t.Sha256}")];

    /// <summary>Each table with its count and hash.</summary>
    private static async Task<List<string>> PrintsAsync(TestDatabase database)
    {
        await using var connection = await database.Everything.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await connection.ExecuteAsync(TableCatalog.Settings);
        var prints = new List<string>();
        foreach (var table in await TableCatalog.ReadAsync(connection, Ct))
        {
            using var text = new CopyText();
            await CopyText.ReadAsync(connection, table.CopyOut, 1 << 20, piece => { text.Add(piece.Span); return Task.CompletedTask; }, Ct);
            prints.Add($"{table.Name} {text.Rows} {text.Sha256()}");
        }
        return prints;
    }

    private static async Task<List<string>> StoredAsync(IObjectBackend store)
    {
        var keys = new List<string>();
        await foreach (var entry in store.ListAsync("", Ct)) keys.Add(entry.Key);
        return [.. keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>Writes the archive anew with other contents; null leaves an entry out.</summary>
    private async Task RewriteAsync(Func<string, byte[], byte[]?> change)
    {
        var entries = new List<(string Name, byte[] Content)>();
        await new BackupArchive(FilePath).EachAsync(async (name, content) =>
        {
            using var copy = new MemoryStream();
            await content.CopyToAsync(copy, Ct);
            entries.Add((name, copy.ToArray()));
            return true;
        }, Ct);
        await using var zip = new GZipStream(File.Create(FilePath), CompressionLevel.Fastest);
        await using var tar = new TarWriter(zip);
        foreach (var (name, content) in entries)
            if (change(name, content) is { } other) await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(other) }, Ct);
    }

    /// <summary>Takes one file and then no more.</summary>
    private sealed class FailingObjects(IObjectBackend inner) : IObjectBackend
    {
        private int _taken;

        public string Location => inner.Location;

        public bool IsLocal => true;

        public Task<StoredObject> PutAsync(Func<byte[], string> keyOf, Stream content, string contentType, long maxBytes, CancellationToken ct) =>
            _taken++ == 0 ? inner.PutAsync(keyOf, content, contentType, maxBytes, ct) : Task.FromException<StoredObject>(new ObjectStoreException("away"));

        public Task<Stream?> OpenAsync(string key, CancellationToken ct) => inner.OpenAsync(key, ct);

        public Task RemoveAsync(string key, CancellationToken ct) => inner.RemoveAsync(key, ct);

        public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken ct) => inner.ListAsync(prefix, ct);

        public Task ProbeAsync(CancellationToken ct) => inner.ProbeAsync(ct);

        public void Dispose() => inner.Dispose();
    }
}
