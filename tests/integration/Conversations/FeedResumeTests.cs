using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

/// <summary>
/// The property: whatever breaks, a client that goes on from the last id it saw hears every event once, in each conversation in order.
/// Writers write at once in several conversations; the reader is cut off at random places.
/// </summary>
public sealed class FeedResumeTests(WidgetWorldFixture fixture, ITestOutputHelper output) : IClassFixture<WidgetWorldFixture>
{
    private readonly WidgetWorld _world = fixture.World;

    public static TheoryData<int> Seeds => [1, 2, 3, Random.Shared.Next()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_customer_loses_nothing_and_hears_nothing_twice(int seed)
    {
        output.WriteLine($"seed {seed}");
        var tenant = await _world.TenantAsync();
        var visitor = await tenant.VisitorAsync();
        var conversations = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => visitor.StartAsync()));
        await using var feed = new FeedClient(visitor.Client);
        await feed.ReadyAsync();
        var reading = ReadAsync(feed, new Random(seed), expected: 3 * 4 * 12 * 3, feedOf: "customer");
        await WriteAsync(tenant, conversations, seed);
        await ShouldBeExactAsync(tenant, conversations, await reading, publicOnly: true);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task An_agent_loses_nothing_and_hears_nothing_twice_although_a_transaction_hangs(int seed)
    {
        output.WriteLine($"seed {seed}");
        var tenant = await _world.TenantAsync();
        var agent = await tenant.AgentAsync();
        var visitors = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => tenant.VisitorAsync()));
        var conversations = await Task.WhenAll(visitors.Select(v => v.StartAsync()));
        await using var feed = new FeedClient(agent.Client);
        await feed.ReadyAsync();
        // It has a number before all that follows: what the log may show stands still until it ends, what is read ahead does not.
        await using var hanging = await _world.Host.Database.Owner.OpenConnectionAsync();
        await using var transaction = await hanging.BeginTransactionAsync();
        await using (var command = hanging.CreateCommand())
        {
            command.CommandText = "select pg_current_xact_id()";
            await command.ExecuteScalarAsync();
        }
        var reading = ReadAsync(feed, new Random(seed), expected: 3 * 4 * 12 * 3, feedOf: "agent");
        await WriteAsync(tenant, conversations, seed);
        await transaction.RollbackAsync();
        await ShouldBeExactAsync(tenant, conversations, await reading, publicOnly: false);
    }

    /// <summary>Four writers per conversation, twelve transactions each, three shown events a transaction; some take their transaction's number early and the lock late.</summary>
    private async Task WriteAsync(WidgetTenant tenant, Guid[] conversations, int seed)
    {
        var messages = _world.Host.Services.GetRequiredService<Messages>();
        var events = _world.Host.Services.GetRequiredService<ConversationEvents>();
        await Task.WhenAll(conversations.SelectMany(id => Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var random = new Random(HashCode.Combine(seed, id, writer));
            for (var i = 0; i < 12; i++)
            {
                await _world.Host.Database.Tenants.InTransactionAsync(tenant.Tenant.Id, async s =>
                {
                    if (random.Next(3) == 0)
                    {
                        await s.QueryAsync<string>("select pg_current_xact_id()::text");
                        await Task.Delay(random.Next(5));
                    }
                    await messages.AddAsync(s, new MessageDraft(id, Actor.System, [MessagePart.OfText($"{writer}.{i}")]));
                    await events.AppendAsync(s, id, new EventDraft(new ConversationRated(5), Actor.System), new EventDraft(new OwnerChanged("assistant", null), Actor.System),
                        new EventDraft(new ConversationRated(4), Actor.System));
                }, default);
                await Task.Delay(random.Next(4));
            }
        }))));
    }

    private static async Task<IReadOnlyList<Heard>> ReadAsync(FeedClient feed, Random random, int expected, string feedOf)
    {
        var heard = new List<Heard>();
        var untilCut = random.Next(1, 20);
        while (heard.Count < expected)
        {
            var next = await feed.NextAsync(TimeSpan.FromSeconds(20));
            if (next.Type is "message" or "rated")
            {
                next.Id.ShouldNotBeNull($"a durable event of the {feedOf} feed has an id");
                heard.Add(next);
            }
            if (--untilCut == 0)
            {
                await feed.ConnectAsync();
                untilCut = random.Next(1, 40);
            }
        }
        // Nothing may come after the last: a repetition would.
        await feed.ConnectAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            while (true)
            {
                if (await feed.NextAsync(TimeSpan.FromMilliseconds(700)) is { Type: "message" or "rated" } extra)
                {
                    heard.Add(extra);
                }
            }
        });
        return heard;
    }

    private static async Task ShouldBeExactAsync(WidgetTenant tenant, Guid[] conversations, IReadOnlyList<Heard> heard, bool publicOnly)
    {
        foreach (var id in conversations)
        {
            var stored = await tenant.QueryAsync<long>(
                "select seq from events where conversation_id = @id and type in ('message', 'rated') and (not @publicOnly or visibility = 'public') order by seq", new { id, publicOnly });
            heard.Where(h => h.Conversation == id).Select(h => h.Seq).ShouldBe(stored);
        }
    }
}
