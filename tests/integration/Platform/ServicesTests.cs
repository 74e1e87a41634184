using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.Objects;
using Parley.Platform.RateLimits;
using Parley.Platform.Secrets;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

public sealed class ServicesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly ShiftableTime _time = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "parley-objects-" + Guid.CreateVersion7().ToString("N"));
    private TestDatabase _database = null!;
    private PlatformNode _node = null!;
    private Guid _tenant;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync(Ct);
        _node = await StartAsync();
        _tenant = await _database.CreateTenantAsync(ct: Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task An_object_is_stored_once_under_its_hash_and_read_back()
    {
        var store = Get<ObjectStore>();
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var stored = await store.PutAsync(_tenant, new MemoryStream(bytes), "text/plain", Ct);
        (await store.PutAsync(_tenant, new MemoryStream(bytes), "text/plain", Ct)).Hash.ShouldBe(stored.Hash);
        stored.Hash.ShouldBe(SHA256.HashData(bytes));
        stored.Size.ShouldBe(300_000);
        await _database.Tenants.InTransactionAsync(_tenant, async s =>
        {
            await store.RecordAsync(s, stored, "text/plain");
            await store.RecordAsync(s, stored, "text/plain");
            (await s.QuerySingleAsync<int>("select count(*)::int from objects")).ShouldBe(1);
        }, Ct);
        await using (var read = await store.OpenAsync(_tenant, stored.Hash, Ct))
        {
            using var copy = new MemoryStream();
            await read!.CopyToAsync(copy, Ct);
            copy.ToArray().ShouldBe(bytes);
        }
        Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Count().ShouldBe(1);
        (await store.OpenAsync(await _database.CreateTenantAsync(ct: Ct), stored.Hash, Ct)).ShouldBeNull();
        await store.RemoveAsync(_tenant, stored.Hash, Ct);
        (await store.OpenAsync(_tenant, stored.Hash, Ct)).ShouldBeNull();
        await store.RemoveAsync(_tenant, stored.Hash, Ct);
    }

    [Fact]
    public async Task What_no_row_names_is_swept_after_a_day_and_a_tenant_that_is_gone_wholly()
    {
        var (store, sweep) = (Get<ObjectStore>(), Get<ObjectSweep>());
        var gone = await _database.CreateTenantAsync(ct: Ct);
        var kept = await store.PutAsync(_tenant, new MemoryStream([1]), "text/plain", Ct);
        await InTenantAsync(s => store.RecordAsync(s, kept, "text/plain"));
        await _database.Tenants.InTransactionAsync(gone, s => store.RecordAsync(s, kept, "text/plain"), Ct);
        await store.PutAsync(gone, new MemoryStream([1]), "text/plain", Ct);
        var garbage = await store.PutAsync(_tenant, new MemoryStream([2]), "text/plain", Ct);
        Directory.CreateDirectory(Path.Combine(_folder, "drafts"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "drafts", "of-a-killed-process"), "half", Ct);
        await File.WriteAllTextAsync(Path.Combine(_folder, ".parley-objects"), "mark", Ct);
        await _database.System.ExecuteAsync("select tenant_delete(@gone)", new { gone }, Ct);

        (await sweep.RunAsync(Ct)).ShouldBe(0, "what is young may be about to be recorded");
        _time.Advance(TimeSpan.FromHours(25));
        (await sweep.RunAsync(Ct)).ShouldBe(3);
        (await store.OpenAsync(_tenant, garbage.Hash, Ct)).ShouldBeNull();
        (await store.OpenAsync(gone, kept.Hash, Ct)).ShouldBeNull();
        await using (var still = await store.OpenAsync(_tenant, kept.Hash, Ct)) still.ShouldNotBeNull();
        File.Exists(Path.Combine(_folder, ".parley-objects")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_is_known_while_it_runs()
    {
        async Task<int> AliveAsync() => (await _database.System.QueryAsync<string>("select id from nodes_alive()", null, Ct)).Count;
        await using (var other = await StartAsync())
        {
            for (var i = 0; i < 100 && await AliveAsync() < 2; i++) await Task.Delay(50, Ct);
            (await AliveAsync()).ShouldBe(2);
        }
        (await AliveAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Configuration_is_saved_in_versions_and_only_the_published_one_counts_on_every_node()
    {
        await using var other = await StartAsync();
        var (here, there) = (Get<ConfigurationStore>(), other.Services.GetRequiredService<ConfigurationStore>());
        var subject = Guid.CreateVersion7();
        (await ReadAsync(here, subject)).ShouldBeNull();
        (await SaveAsync(here, subject, new Greeting("one"))).ShouldBe(1);
        (await ReadAsync(here, subject)).ShouldBeNull();
        await PublishAsync(here, subject, 1);
        (await ReadAsync(here, subject)).ShouldBe(new Published<Greeting>(1, new Greeting("one")));
        (await ReadAsync(there, subject))!.Body.Loud.ShouldBeTrue();
        (await SaveAsync(there, subject, new Greeting("two", false))).ShouldBe(2);
        (await ReadAsync(here, subject))!.Version.ShouldBe(1);
        await PublishAsync(there, subject, 2);
        (await ReadAsync(here, subject)).ShouldBe(new Published<Greeting>(2, new Greeting("two", false)));
        (await PublishAsync(here, subject, 9)).ShouldBeFalse();
        (await _database.Tenants.InTransactionAsync(_tenant, s => here.VersionAsync<Greeting>(s, "greeting", subject, 1), Ct)).ShouldBe(new Greeting("one"));
        var numbers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => SaveAsync(here, subject, new Greeting("n" + i))));
        numbers.Order().ShouldBe([3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public async Task Nodes_share_a_limit_and_a_new_window_begins_anew()
    {
        await using var other = await StartAsync();
        var limiters = new[] { Get<RateLimiter>(), other.Services.GetRequiredService<RateLimiter>() };
        var allowed = 0;
        for (var i = 0; i < 60; i++)
        {
            allowed += await limiters[i % 2].TryTakeAsync("scope", 30, TimeSpan.FromMinutes(10), Ct) is null ? 1 : 0;
        }
        allowed.ShouldBe(30);
        (await limiters[0].TryTakeAsync("scope", 30, TimeSpan.FromMinutes(10), Ct))!.Value.ShouldBeInRange(1, 600);
        (await limiters[0].TryTakeAsync("another", 30, TimeSpan.FromMinutes(10), Ct)).ShouldBeNull();
        _time.Advance(TimeSpan.FromMinutes(10));
        (await limiters[0].TryTakeAsync("scope", 30, TimeSpan.FromMinutes(10), Ct)).ShouldBeNull();
        await using var all = await _database.Everything.OpenConnectionAsync(Ct);
        (await all.QueryAsync<string>("select scope from rate_windows")).ShouldAllBe(scope => !scope.Contains("scope"));
    }

    [Fact]
    public async Task Many_at_once_get_no_more_than_the_limit()
    {
        var limiter = Get<RateLimiter>();
        var taken = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => limiter.TryTakeAsync("burst", 25, TimeSpan.FromHours(1), Ct)));
        taken.Count(retry => retry is null).ShouldBe(25);
    }

    [Fact]
    public async Task A_secret_is_sealed_for_its_tenant_and_name_and_survives_rotation()
    {
        var store = Get<SecretStore>();
        await InTenantAsync(s => store.PutAsync(s, "provider.key", "sk-äöü"));
        (await GetAsync(store, "provider.key")).ShouldBe("sk-äöü");
        (await GetAsync(store, "none")).ShouldBeNull();
        await InTenantAsync(s => store.PutAsync(s, "provider.key", "sk-2"));
        await InTenantAsync(s => store.PutAsync(s, "other", "x"));
        await InTenantAsync(store.RotateAsync);
        (await GetAsync(store, "provider.key")).ShouldBe("sk-2");
        (await GetAsync(store, "other")).ShouldBe("x");
        await InTenantAsync(async s => (await s.QueryAsync<int>("select version from tenant_keys")).ShouldBe([2]));
        await using (var all = await _database.Everything.OpenConnectionAsync(Ct))
        {
            (await all.QueryAsync<byte[]>("select ciphertext from secrets")).ShouldAllBe(bytes => !Encoding.Latin1.GetString(bytes).Contains("sk-"));
            // A row moved to another name cannot be opened.
            await all.ExecuteAsync("update secrets set ciphertext = (select ciphertext from secrets where name = 'provider.key'), nonce = (select nonce from secrets where name = 'provider.key') where name = 'other'");
        }
        await Should.ThrowAsync<CryptographicException>(GetAsync(store, "other"));
        await InTenantAsync(async s => (await SecretStore.RemoveAsync(s, "provider.key")).ShouldBeTrue());
        (await GetAsync(store, "provider.key")).ShouldBeNull();
    }

    [Fact]
    public async Task What_one_node_protects_another_opens_and_the_database_holds_no_readable_key()
    {
        var text = Get<IDataProtectionProvider>().CreateProtector("test").Protect("hello");
        await using var other = await StartAsync();
        other.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Unprotect(text).ShouldBe("hello");
        await using var all = await _database.Everything.OpenConnectionAsync(Ct);
        var keys = (await all.QueryAsync<string>("select xml from data_protection_keys")).ToList();
        keys.ShouldNotBeEmpty();
        keys.ShouldAllBe(xml => xml.Contains("sealedByMasterKey") && xml.Contains(_database.Key.Id) && !xml.Contains("<masterKey"));
        // The framework's own word for a key that lies open.
        keys.ShouldAllBe(xml => !xml.Contains("Warning: the key below is in an unencrypted form"));
    }

    [Fact]
    public async Task A_newer_master_key_is_refused_with_the_ids_of_both()
    {
        await InTenantAsync(s => Get<SecretStore>().PutAsync(s, "a", "b"));
        var another = new SecretStore(MasterKey.Parse(Convert.ToBase64String(new byte[32])), TimeProvider.System);
        (await Should.ThrowAsync<CryptographicException>(GetAsync(another, "a"))).Message.ShouldContain(_database.Key.Id);
    }

    private Task<PlatformNode> StartAsync() =>
        PlatformNode.StartAsync(_database, services => services.AddSingleton<TimeProvider>(_time), runsJobs: false, objects: _folder);

    private T Get<T>()
        where T : notnull => _node.Services.GetRequiredService<T>();

    private Task InTenantAsync(Func<Parley.Platform.Data.TenantSession, Task> work) => _database.Tenants.InTransactionAsync(_tenant, work, Ct);

    private Task<string?> GetAsync(SecretStore store, string name) => _database.Tenants.InTransactionAsync(_tenant, s => store.GetAsync(s, name), Ct);

    private Task<Published<Greeting>?> ReadAsync(ConfigurationStore store, Guid subject) =>
        _database.Tenants.InTransactionAsync(_tenant, s => store.PublishedAsync<Greeting>(s, "greeting", subject), Ct);

    private Task<int> SaveAsync(ConfigurationStore store, Guid subject, Greeting body) =>
        _database.Tenants.InTransactionAsync(_tenant, s => store.SaveDraftAsync(s, "greeting", subject, body, null), Ct);

    private Task<bool> PublishAsync(ConfigurationStore store, Guid subject, int version) =>
        _database.Tenants.InTransactionAsync(_tenant, s => store.PublishAsync(s, "greeting", subject, version, null), Ct);

    private sealed record Greeting(string Text, bool Loud = true);
}
