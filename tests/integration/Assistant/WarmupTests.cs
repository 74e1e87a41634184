using Microsoft.Extensions.DependencyInjection;
using Parley.Assistant;
using Parley.Knowledge.Search;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Assistant;

public sealed class WarmupTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_node_that_starts_has_the_indexes_of_active_tenants_and_has_written_nothing()
    {
        TurnWorld small, large;
        await using (var before = await IdentityHost.StartAsync(postgres, database: _database))
        {
            small = await TurnWorld.MakeAsync(before);
            large = await TurnWorld.MakeAsync(before);
            await TurnWorld.ImportAsync(large.Support, "more", ("third.md", TurnWorld.CronArticle + "\nMore."));
        }
        await using var host = await IdentityHost.StartAsync(postgres, database: _database);
        var search = host.Services.GetRequiredService<KnowledgeSearch>();
        search.Holds(small.TenantId).ShouldBeFalse();
        await host.Services.GetRequiredService<TurnWarmup>().RunAsync(Long, largestIndex: 2, default);
        search.Holds(small.TenantId).ShouldBeTrue();
        search.Holds(large.TenantId).ShouldBeFalse("a large index must not keep a node from being ready");
        // Imports are followed by jobs of their own.
        foreach (var table in (string[])["turns", "turn_steps", "messages", "jobs where kind not like 'knowledge.%'"])
        {
            await using var count = _database.Everything.CreateCommand($"select count(*)::int from {table}");
            (await count.ExecuteScalarAsync()).ShouldBe(0, table);
        }
    }

    [Fact]
    public async Task Patience_that_ends_and_a_database_without_tenants_are_no_failure()
    {
        await using var host = await IdentityHost.StartAsync(postgres, database: _database);
        var warmup = host.Services.GetRequiredService<TurnWarmup>();
        await warmup.RunAsync(Long, default);
        await TurnWorld.MakeAsync(host);
        await warmup.RunAsync(TimeSpan.Zero, default);
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(warmup.RunAsync(Long, stopped.Token));
    }
}
