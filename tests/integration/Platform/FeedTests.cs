using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Feed;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>The feed's endpoint on real Kestrel and a real database, with a source of the test's own.</summary>
public sealed class FeedTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Ledger _ledger = new();
    private readonly Guid _tenant = Guid.CreateVersion7();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_new_feed_begins_now_and_brings_each_event_with_the_cursor_after_it()
    {
        await using var node = await StartAsync();
        _ledger.Add("old");
        using var feed = await node.OpenAsync();
        var ready = await feed.NextAsync();
        ready.Type.ShouldBe("ready");
        ready.Id.ShouldBe("test~1");
        ready.Data.GetProperty("cursor").GetString().ShouldBe(ready.Id);
        node.Publish(_ledger.Add("a"));
        var a = await feed.NextAsync();
        (a.Type, a.Id, a.Data.GetProperty("text").GetString()).ShouldBe(("message", "test~2", "a"));
    }

    [Fact]
    public async Task A_feed_goes_on_from_its_cursor_without_a_lost_or_doubled_event()
    {
        await using var node = await StartAsync();
        for (var i = 1; i <= 25; i++)
        {
            _ledger.Add("e" + i);
        }
        using var feed = await node.OpenAsync("test~7");
        (await feed.NextAsync()).Id.ShouldBe("test~7");
        for (var i = 8; i <= 25; i++)
        {
            var item = await feed.NextAsync();
            (item.Id, item.Data.GetProperty("text").GetString()).ShouldBe(("test~" + i, "e" + i));
        }
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("test~x")]
    [InlineData("~~~!!!")]
    public async Task A_cursor_that_cannot_be_read_is_reset_aloud(string cursor)
    {
        await using var node = await StartAsync();
        _ledger.Add("old");
        using var feed = await node.OpenAsync(cursor);
        (await feed.NextAsync()).Type.ShouldBe("reset");
        (await feed.NextAsync()).Id.ShouldBe("test~1");
    }

    [Fact]
    public async Task A_wake_reads_only_the_feeds_that_named_its_topic()
    {
        await using var node = await StartAsync();
        using var feed = await node.OpenAsync();
        await feed.NextAsync();
        var reads = _ledger.Reads;
        var hub = node.Services.GetRequiredService<FeedHub>();
        hub.Publish(new FeedTopic(_tenant, "conversation", Guid.CreateVersion7()));
        hub.Publish(new FeedTopic(Guid.CreateVersion7(), "end_user", Ledger.Topic));
        node.Publish(_ledger.Add("a"));
        (await feed.NextAsync()).Data.GetProperty("text").GetString().ShouldBe("a");
        _ledger.Reads.ShouldBe(reads + 1);
    }

    [Fact]
    public async Task What_another_node_publishes_arrives_durable_or_not()
    {
        await using var here = await StartAsync();
        await using var there = await StartAsync();
        using var feed = await here.OpenAsync();
        await feed.NextAsync();
        there.Publish(_ledger.Add("from there"));
        (await feed.NextAsync()).Data.GetProperty("text").GetString().ShouldBe("from there");
        there.Services.GetRequiredService<FeedHub>().PublishTransient(
            new FeedTopic(_tenant, "end_user", Ledger.Topic), new FeedEvent("presence", JsonSerializer.SerializeToElement(new { typing = true, who = "ä\"" })));
        var presence = await feed.NextAsync();
        (presence.Type, presence.Id, presence.Data.GetProperty("who").GetString()).ShouldBe(("presence", null, "ä\""));
    }

    [Fact]
    public async Task A_commit_that_nobody_told_of_is_found_by_the_poll()
    {
        await using var node = await StartAsync(services => services.AddFeedChangeLog(
            "select pg_snapshot_xmin(pg_current_snapshot())::text as xid, 0::bigint as position",
            $"select '{_tenant}'::uuid as tenant_id, 'end_user' as kind, '{Ledger.Topic}'::uuid as id, 0 as version, @xid as xid, @position + 1 as position where @position < 3 and @limit > 0"));
        using var feed = await node.OpenAsync();
        await feed.NextAsync();
        _ledger.Add("silent");
        (await feed.NextAsync()).Data.GetProperty("text").GetString().ShouldBe("silent");
    }

    [Fact]
    public async Task A_revoked_credential_ends_the_stream()
    {
        await using var node = await StartAsync();
        using var feed = await node.OpenAsync();
        await feed.NextAsync();
        node.Revoked = true;
        (await feed.EndsAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task A_stopping_node_ends_its_streams_at_once()
    {
        var node = await StartAsync();
        using var feed = await node.OpenAsync();
        await feed.NextAsync();
        var stopping = node.StopAsync();
        (await feed.EndsAsync()).ShouldBeTrue();
        await stopping;
        await node.DisposeAsync();
    }

    [Fact]
    public async Task Who_may_see_nothing_gets_no_feed()
    {
        await using var node = await StartAsync();
        node.Permissions = ["assistant:read"];
        (await node.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        node.Permissions = null;
        (await node.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_is_not_read_for()
    {
        await using var node = await StartAsync();
        using var feed = await node.OpenAsync();
        await feed.NextAsync();
        var big = new string('x', 200_000);
        for (var i = 0; i < 200; i++)
        {
            node.Publish(_ledger.Add(big));
        }
        await Task.Delay(500);
        _ledger.LastRead.ShouldBeLessThan(150);
        for (var i = 0; i < 200; i++)
        {
            (await feed.NextAsync()).Id.ShouldBe("test~" + (i + 1));
        }
    }

    private async Task<Node> StartAsync(Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddRouting().AddProblemDetails();
        builder.Services.AddSingleton(_database.Options).AddSingleton(_database.Key).AddSingleton(_ledger);
        builder.Services.AddPlatform(new PlatformOptions { Objects = Path.GetTempPath(), RunsJobs = false });
        builder.Services.AddFeedSource<LedgerSource>();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        var node = new Node(app, _tenant);
        app.UseRouting();
        app.Use((http, next) =>
        {
            if (node.Permissions is { } permissions)
            {
                var caller = new Caller(CallerKind.EndUser, _tenant, Ledger.Topic, System.Collections.Frozen.FrozenSet.ToFrozenSet(permissions));
                http.User = new(new CallerIdentity(caller, "test") { Refresh = _ => Task.FromResult(node.Revoked ? null : caller) });
            }
            return next(http);
        });
        app.UsePlatform();
        app.MapPlatform();
        await app.StartAsync();
        await node.Services.GetRequiredService<FeedNotifier>().Listening.Task.WaitAsync(Patience);
        return node;
    }

    private sealed class Node(WebApplication app, Guid tenant) : IAsyncDisposable
    {
#pragma warning disable RS0030 // Talks to the node under test only.
        private readonly HttpClient _client = new() { Timeout = Patience };
#pragma warning restore RS0030

        internal IServiceProvider Services => app.Services;

        internal bool Revoked { get; set; }

        internal string[]? Permissions { get; set; } = ["widget:talk"];

        private string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1/feed";

        internal void Publish(long version) => Services.GetRequiredService<FeedHub>().Publish(new FeedTopic(tenant, "end_user", Ledger.Topic), version);

        internal Task<HttpResponseMessage> GetAsync() => _client.GetAsync(Address);

        internal async Task<Stream> OpenAsync(string? cursor = null)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, Address);
            if (cursor is not null)
            {
                request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor);
            }
            var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
            return new Stream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        }

        internal Task StopAsync() => app.StopAsync();

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await app.DisposeAsync();
        }
    }

    private sealed record Received(string Type, string? Id, JsonElement Data);

    private sealed class Stream(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        internal async Task<Received> NextAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            var (type, id, data) = ("", (string?)null, "");
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal)) type = line[7..];
                if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
                if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
                if (line.Length == 0 && type.Length > 0) return new Received(type, id, JsonDocument.Parse(data).RootElement);
            }
            throw new EndOfStreamException();
        }

        internal async Task<bool> EndsAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                while (await reader.ReadLineAsync(patience.Token) is not null)
                {
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
            }
            return !patience.IsCancellationRequested;
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }

    /// <summary>A list of texts, numbered from 1, that stands for a table.</summary>
    internal sealed class Ledger
    {
        internal static readonly Guid Topic = Guid.Parse("0190c1de-0000-7000-8000-000000000001");
        private readonly ConcurrentDictionary<long, string> _rows = new();
        private long _last;
        private int _reads;
        private long _lastRead;

        internal int Reads => _reads;

        internal long LastRead => Interlocked.Read(ref _lastRead);

        internal long Last => Interlocked.Read(ref _last);

        internal long Add(string text)
        {
            lock (_rows)
            {
                _rows[_last + 1] = text;
                return Interlocked.Increment(ref _last);
            }
        }

        internal List<(long Seq, string Text)> After(long seq, int limit)
        {
            Interlocked.Increment(ref _reads);
            var rows = _rows.Where(row => row.Key > seq).OrderBy(row => row.Key).Take(limit).Select(row => (row.Key, row.Value)).ToList();
            if (rows.Count > 0)
            {
                Interlocked.Exchange(ref _lastRead, rows[^1].Key);
            }
            return rows;
        }
    }

    private sealed class LedgerSource(Ledger ledger) : IFeedSource
    {
        public string Name => "test";

        public bool Serves(Caller caller) => true;

        public IFeedReader Open(Caller caller, string? cursor) => new Reader(ledger, caller,
            cursor is null ? ledger.Last : long.TryParse(cursor, out var seq) ? seq : throw new FeedCursorException());

        private sealed class Reader(Ledger ledger, Caller caller, long seq) : IFeedReader
        {
            private const int Limit = 10;

            public IReadOnlyCollection<FeedTopic> Topics => [new FeedTopic(caller.TenantId, "end_user", caller.Id)];

            public Task<FeedBatch> ReadAsync(FeedWake wake, CancellationToken ct)
            {
                var rows = ledger.After(seq, Limit);
                seq = rows.Count > 0 ? rows[^1].Seq : seq;
                return Task.FromResult(new FeedBatch(
                    [.. rows.Select(row => new FeedEvent("message", JsonSerializer.SerializeToElement(new { text = row.Text }), row.Seq.ToString()))],
                    seq.ToString(), rows.Count == Limit));
            }
        }
    }
}
