using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Inference.Providers;
using Parley.Platform;
using Parley.Platform.Configuration;
using Parley.Platform.Outbound;
using Parley.Platform.RateLimits;
using Parley.Testkit;
using Parley.Testkit.Models;

namespace Parley.Bench;

/// <summary>
/// What the stack around a call to a model costs: reserving, settling and storing decisions in a real PostgreSQL, with a provider in the same process that answers at
/// once. Baseline of the same run: that provider alone. Then, over the double's protocol, how long another account takes to begin when the first one never does.
/// </summary>
internal static class ModelsBench
{
    private const int Pieces = 40;

    /// <summary>Until nothing is compiled in the background any more: that takes a processor from the database.</summary>
    private const int WarmUp = 3_000;

    private static readonly ConfigurationStore Configuration = new(TimeProvider.System);

    private const string FloorSql = "update budget_scopes set held = held + 0 where tenant_id = @tenant and kind = 'tenant_month'";

    private static readonly ModelPrices Prices = new() { Input = 3, CachedRead = .3m, CacheWrite = 3.75m, Output = 15 };

    internal static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        var calls = Number(args, "--calls", 2_000);
        await using var postgres = new PostgresFixture { Durable = true };
        await using var database = await postgres.CreateDatabaseAsync(ct);
        var tenant = await database.CreateTenantAsync(ct: ct);
        var settings = new BudgetSettings { Month = 100_000, Day = 100_000, Conversation = 1_000, EndUser = 100_000, HardCap = true, RequestsPerMinute = 1_000_000, TokensPerMinute = 1_000_000_000 };
        await database.Tenants.InTransactionAsync(tenant, s => new ConfigurationStore(TimeProvider.System).SaveAndPublishAsync(s, BudgetSettings.Kind, tenant, settings, null), ct);
        ChatMessage[] prompt = [new(ChatRole.System, Words(800)), new(ChatRole.User, Words(2_500))];
        var (bottom, stack) = (new InstantChat(), Stack(database, new InstantChat()));
        var seat = Seat(ModelProviderKinds.Anthropic, new Uri("https://example.org"));
        var who = new Spender { TenantId = tenant, Feature = "answer", ConversationId = Guid.CreateVersion7(), EndUserId = Guid.CreateVersion7() };
        for (var i = 0; i < WarmUp; i++)
        {
            await AskAsync(stack, Call(who, seat), prompt, ct);
            await AskAsync(bottom, Call(who, seat), prompt, ct);
        }
        var (alone, whole, all, floor, held, booked) = (new double[calls], new double[calls], new double[calls], new double[calls], new double[calls], new double[calls]);
        for (var i = 0; i < calls; i++)
        {
            // In turns, so that whatever else the machine does befalls both.
            (alone[i], _) = await AskAsync(bottom, Call(who, seat), prompt, ct);
            floor[i] = await TransactionsAsync(database, tenant, ct);
            (held[i], booked[i]) = await BookAsync(Budgets(database), who with { ConversationId = Guid.CreateVersion7(), CallId = Guid.CreateVersion7() }, ct);
            (whole[i], all[i]) = await AskAsync(stack, Call(who with { ConversationId = Guid.CreateVersion7() }, seat), prompt, ct);
        }
        var (waits, timeout) = await FailoverAsync(database, who, Number(args, "--failovers", 30), ct);
        Print(alone, whole, all, floor, held, booked, waits, timeout, args.Contains("--json"));
        return 0;
    }

    /// <summary>From the call to the first piece of the second account's answer; then the same without a first account that is silent.</summary>
    private static async Task<((double[] Failed, double[] Direct) Milliseconds, TimeSpan Timeout)> FailoverAsync(TestDatabase database, Spender who, int times, CancellationToken ct)
    {
        await using var providers = await ModelsDouble.StartAsync();
        var timeouts = new ModelTimeouts { FirstToken = TimeSpan.FromSeconds(1), BetweenTokens = TimeSpan.FromSeconds(5), Whole = TimeSpan.FromSeconds(20) };
        using var http = new GuardedHttp(new PlatformOptions { Objects = "", PrivateHosts = new Uri(providers.Address).Authority }, TimeProvider.System);
        var stack = Stack(database, new SeatChat(new ModelProviders(http, TimeProvider.System), timeouts));
        ChatMessage[] prompt = [new(ChatRole.User, "how do I begin?")];
        var (failed, direct) = (new double[times], new double[times]);
        for (var i = -3; i < times; i++)
        {
            var (silent, good) = (Seat(ModelProviderKinds.Anthropic, providers.At("/anthropic", "slow-first-token")), Seat(ModelProviderKinds.OpenAi, providers.At("/openai/v1")));
            var ((one, _), (two, _)) = (await AskAsync(stack, Call(who, good), prompt, ct, first: true), await AskAsync(stack, Call(who, silent, good), prompt, ct, first: true));
            if (i >= 0)
            {
                (direct[i], failed[i]) = (one, two);
            }
        }
        return ((failed, direct), timeouts.FirstToken);
    }

    private static async Task<(double Waited, double Booked)> AskAsync(IChatClient chat, ModelCall call, ChatMessage[] prompt, CancellationToken ct, bool first = false)
    {
        var start = Stopwatch.GetTimestamp();
        double? began = null;
        await foreach (var update in chat.GetStreamingResponseAsync(prompt, call.In(new ChatOptions { MaxOutputTokens = 512 }), ct))
        {
            began ??= update.Text.Length > 0 ? Stopwatch.GetElapsedTime(start).TotalMilliseconds : null;
        }
        var ended = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await call.BookedAsync();
        return (first ? began!.Value : ended, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>The least that holding before and settling after can cost: two transactions of one statement, each committed to disk.</summary>
    private static async Task<double> TransactionsAsync(TestDatabase database, Guid tenant, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 2; i++)
        {
            await database.Tenants.InTransactionAsync(tenant, session => session.ExecuteAsync(FloorSql, new { tenant }), ct);
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>The budget's two transactions by themselves.</summary>
    private static async Task<(double Held, double Booked)> BookAsync(Budgets budgets, Spender who, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var reserved = await budgets.ReserveAsync(who, [new Offer(ModelTier.Large, "anthropic", "gpt-bench", .02m)], true, TimeSpan.FromMinutes(1), ct);
        var held = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        await budgets.SettleAsync(reserved.Reservation!, new Bill("anthropic", "gpt-bench") { Usage = new ModelUsage { InputTokens = 3_300, OutputTokens = Pieces }, Cost = .01m }, ct);
        return (held, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static Budgets Budgets(TestDatabase database) => new(database.Tenants, Configuration, new NodeIdentity("bench", "1"), TimeProvider.System, NullLogger<Budgets>.Instance);

    private static IChatClient Stack(TestDatabase database, IChatClient bottom)
    {
        var time = TimeProvider.System;
        var budgets = Budgets(database);
        return new ModelPipeline(bottom, budgets, new LateDecisions(budgets, NullLogger<LateDecisions>.Instance), new RateLimiter(database.System, database.Key, time), new Circuits(time), new ModelTimeouts(), time,
            NullLogger<BudgetChat>.Instance).Chat;
    }

    private static ModelCall Call(Spender who, params ModelSeat[] seats) =>
        new() { Who = who, Seats = seats, Wanted = ModelTier.Large, Extractive = true, Deadline = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1) };

    private static ModelSeat Seat(string provider, Uri address) => new(ModelTier.Large,
        new ModelAccount { Id = Guid.CreateVersion7(), Provider = provider, BaseUrl = address, Key = "bench", Limits = new ModelAccountLimits { RequestsPerMinute = 1_000_000, TokensPerMinute = 1_000_000_000, Concurrency = 50 } },
        new ModelInfo
        {
            Provider = provider, Model = "gpt-bench", Name = "Bench", Kind = ModelKind.Chat, AsOf = new(2026, 1, 1), Source = new("https://example.org"), Prices = Prices,
            Capabilities = new() { Temperature = false, TopP = false, Penalties = false },
        });

    private static string Words(int tokens) => string.Join(' ', Enumerable.Range(0, tokens * 3 / 4).Select(i => $"word{i % 97}"));

    private static int Number(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private static double At(double[] values, double share) => values.Order().ElementAt(Math.Min(values.Length - 1, (int)Math.Ceiling(values.Length * share) - 1));

    private static void Print(double[] alone, double[] whole, double[] all, double[] floor, double[] held, double[] booked, (double[] Failed, double[] Direct) waits, TimeSpan timeout, bool json)
    {
        // Of each call less its own neighbour: a percentile of differences, not a difference of percentiles.
        double[] overhead = [.. whole.Zip(alone, (w, a) => w - a)];
        double[] behind = [.. all.Zip(alone, (w, a) => w - a)];
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                calls = whole.Length, overheadMs = new { p50 = At(overhead, .5), p95 = At(overhead, .95), p99 = At(overhead, .99) }, withBookingMs = new { p50 = At(behind, .5), p95 = At(behind, .95), p99 = At(behind, .99) }, reserveMs = new { p50 = At(held, .5), p95 = At(held, .95) }, bookMs = new { p50 = At(booked, .5), p95 = At(booked, .95) }, twoTransactionsMs = new { p50 = At(floor, .5), p95 = At(floor, .95) }, aloneMs = new { p50 = At(alone, .5), p95 = At(alone, .95) },
                failoverMs = new { p50 = At(waits.Failed, .5), max = waits.Failed.Max(), timeout = timeout.TotalMilliseconds }, directMs = new { p50 = At(waits.Direct, .5), max = waits.Direct.Max() },
            }));
            return;
        }
        Console.WriteLine(FormattableString.Invariant($"overhead of the stack until the answer has ended, {whole.Length} calls one after the other: p50 {At(overhead, .5):0.00}, p95 {At(overhead, .95):0.00}, p99 {At(overhead, .99):0.00} ms (gate: p95 at most 2)"));
        Console.WriteLine(FormattableString.Invariant($"until its cost is booked, which runs beside what the caller does next: p50 {At(behind, .5):0.00}, p95 {At(behind, .95):0.00}, p99 {At(behind, .99):0.00} ms"));
        Console.WriteLine(FormattableString.Invariant($"the budget by itself: reserving p50 {At(held, .5):0.00}, p95 {At(held, .95):0.00}, booking p50 {At(booked, .5):0.00}, p95 {At(booked, .95):0.00} ms"));
        Console.WriteLine(FormattableString.Invariant($"baseline, the provider alone: p50 {At(alone, .5):0.000}, p95 {At(alone, .95):0.000} ms"));
        Console.WriteLine(FormattableString.Invariant($"baseline, two transactions of one statement: p50 {At(floor, .5):0.00}, p95 {At(floor, .95):0.00} ms"));
        Console.WriteLine(FormattableString.Invariant($"first piece when the first account is silent, {waits.Failed.Length} calls: p50 {At(waits.Failed, .5):0}, max {waits.Failed.Max():0} ms, time-out {timeout.TotalMilliseconds:0} ms"));
        Console.WriteLine(FormattableString.Invariant($"baseline, the second account alone: p50 {At(waits.Direct, .5):0}, max {waits.Direct.Max():0} ms"));
    }

    /// <summary>A provider without a network.</summary>
    private sealed class InstantChat : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            for (var i = 0; i < Pieces; i++)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, "word ");
            }
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 3_300, CachedInputTokenCount = 800, OutputTokenCount = Pieces })]);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
