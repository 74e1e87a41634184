using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Costs;
using Parley.Platform.Schedules;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>Every number drills down to its calls, and the sums agree to the last digit.</summary>
public sealed class CostTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string[] Kinds = ["service", "provider", "model", "feature", "assistant", "tier", "day", "conversation"];
    private ParleyHost _host = null!;
    private TestTenant _tenant = null!;
    private HttpClient _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DateOnly Today => DateOnly.FromDateTime(_host.Time.GetUtcNow().UtcDateTime);

    public async ValueTask InitializeAsync()
    {
        _host = await IdentityHost.StartAsync(postgres);
        _tenant = await _host.TenantAsync();
        _client = _tenant.Operator();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Sums_by_everything_are_the_sums_of_their_calls()
    {
        var other = await _host.TenantAsync();
        await PlantAsync(_tenant.Id, 300, Today, seed: 1);
        await PlantAsync(other.Id, 50, Today, seed: 2);
        var all = await CallsAsync("");
        all.Count.ShouldBe(300);
        var total = all.Sum(Cost);
        foreach (var by in Kinds)
        {
            var report = await _client.GetJsonAsync("/v1/costs?by=" + by);
            Cost(report.GetProperty("total")).ShouldBe(total, by);
            var rows = report.GetProperty("rows").EnumerateArray().ToList();
            rows.Sum(Cost).ShouldBe(total, by);
            rows.Sum(row => row.GetProperty("calls").GetInt64()).ShouldBe(300);
            foreach (var row in rows)
            {
                var key = row.GetProperty("key").GetString() ?? "none";
                var calls = await CallsAsync(by == "day" ? $"&from={key}&to={key}"
                    : $"&{by}={key}" + (row.GetProperty("provider").GetString() is { } provider ? $"&provider={provider}" : ""));
                calls.Sum(Cost).ShouldBe(Cost(row), $"{by} {key}");
                foreach (var count in new[] { "inputTokens", "outputTokens", "cachedTokens", "cacheWriteTokens" })
                    calls.Sum(call => call.GetProperty(count).GetInt64()).ShouldBe(row.GetProperty(count).GetInt64(), $"{by} {key} {count}");
                calls.Where(call => !call.GetProperty("settled").GetBoolean()).Sum(Cost).ShouldBe(row.GetProperty("unsettledCost").GetDecimal());
                calls.Count(call => !call.GetProperty("settled").GetBoolean()).ShouldBe(row.GetProperty("unsettledCalls").GetInt32());
            }
        }
        var split = (await _client.GetJsonAsync("/v1/costs?by=day&split=feature")).GetProperty("rows").EnumerateArray().ToList();
        split.Sum(Cost).ShouldBe(total);
        split.Select(row => row.GetProperty("key").GetString()).ShouldBeInOrder();
        var unsettled = await CallsAsync("&settled=false");
        unsettled.Sum(Cost).ShouldBe((await _client.GetJsonAsync("/v1/costs")).GetProperty("total").GetProperty("unsettledCost").GetDecimal());
        // A filter by conversation reads the calls, not the days: both say the same.
        var conversation = all.First(call => call.GetProperty("conversationId").ValueKind == JsonValueKind.String).GetProperty("conversationId").GetString();
        (await TotalAsync($"?by=model&conversation={conversation}&feature=answer")).ShouldBe((await CallsAsync($"&conversation={conversation}&feature=answer")).Sum(Cost));
    }

    [Fact]
    public async Task Rows_that_are_too_many_are_one_rest_and_the_total_stays_whole()
    {
        await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
        await everything.ExecuteAsync("""
            insert into usage (tenant_id, id, at, service, provider, model, feature, conversation_id, cost)
            select @tenant, gen_random_uuid(), @at, 'llm', 'p', 'm', 'answer', gen_random_uuid(), n * 0.000000001 from generate_series(1, @count) n
            """, new { tenant = _tenant.Id, at = _host.Time.GetUtcNow(), count = CostSummary.MaxRows + 3 });
        var report = await _client.GetJsonAsync("/v1/costs?by=conversation");
        report.GetProperty("rows").GetArrayLength().ShouldBe(CostSummary.MaxRows);
        (report.GetProperty("rest").GetProperty("calls").GetInt32(), Cost(report.GetProperty("rest"))).ShouldBe((3, .000000006m));
        (report.GetProperty("rows").EnumerateArray().Sum(Cost) + Cost(report.GetProperty("rest"))).ShouldBe(Cost(report.GetProperty("total")));
    }

    [Fact]
    public async Task Scopes_usage_days_and_calls_agree_also_where_a_bill_comes_after_midnight_or_never()
    {
        var (budgets, who) = (_host.Services.GetRequiredService<Budgets>(), new Spender { TenantId = _tenant.Id, Feature = "answer", ConversationId = Guid.CreateVersion7(), EndUserId = Guid.CreateVersion7() });
        var before = await HoldAsync(.75m);
        _host.Time.Advance(TimeSpan.FromDays(1));
        await budgets.SettleAsync(before, new Bill("p", "m") { Usage = new ModelUsage { InputTokens = 3 }, Cost = .123456789m }, Ct);
        await budgets.SettleAsync(await HoldAsync(.5m), new Bill("p", "m"), Ct);
        await budgets.ReleaseAsync(await HoldAsync(.25m), Ct);
        var held = await HoldAsync(.125m);
        var days = (await _client.GetJsonAsync("/v1/costs?by=day")).GetProperty("rows").EnumerateArray().Select(row => (row.GetProperty("key").GetString(), Cost(row))).ToList();
        days.ShouldBe([(Day(Today.AddDays(-1)), .123456789m), (Day(Today), .5m)]);
        var budget = await _client.GetJsonAsync("/v1/budget");
        var conversation = budget.GetProperty("conversations").EnumerateArray().Single();
        (conversation.GetProperty("settled").GetDecimal(), conversation.GetProperty("held").GetDecimal(), conversation.GetProperty("percent").GetDouble()).ShouldBe((.623456789m, .125m, 74.85));
        Cost((await _client.GetJsonAsync("/v1/costs")).GetProperty("total")).ShouldBe(.623456789m);
        var day = budget.GetProperty("scopes").EnumerateArray().Single(scope => scope.GetProperty("kind").GetString() == "tenant_day");
        (day.GetProperty("settled").GetDecimal(), day.GetProperty("held").GetDecimal(), day.GetProperty("limit").GetDecimal(), day.GetProperty("hard").GetBoolean()).ShouldBe((.5m, .125m, 20m, false));
        budget.GetProperty("customers").EnumerateArray().Single().GetProperty("settled").GetDecimal().ShouldBe(.5m, "of today only");
        await budgets.ReleaseAsync(held, Ct);

        async Task<Reservation> HoldAsync(decimal amount) =>
            (await budgets.ReserveAsync(who, [new(ModelTier.Small, "p", "m", amount)], extractive: true, TimeSpan.FromMinutes(4), Ct)).Reservation.ShouldNotBeNull();
    }

    [Fact]
    public async Task Days_and_months_are_those_of_UTC_whatever_the_servers_time_zone()
    {
        var first = new DateTimeOffset(Today.Year, Today.Month, 1, 0, 0, 0, TimeSpan.Zero);
        await using (var everything = await _host.Database.Everything.OpenConnectionAsync(Ct))
        {
            foreach (var zone in new[] { "Pacific/Kiritimati", "America/Los_Angeles" })
            {
                await everything.ExecuteAsync($"set timezone = '{zone}'");
                await InsertAsync(everything, first.AddTicks(-10), .5m);
                await InsertAsync(everything, first, .25m);
            }
        }
        var (month, last) = (DateOnly.FromDateTime(first.UtcDateTime), DateOnly.FromDateTime(first.UtcDateTime).AddDays(-1));
        (await TotalAsync($"?from={Day(month)}&to={Day(month)}")).ShouldBe(.5m);
        (await TotalAsync($"?from={Day(last)}&to={Day(last)}")).ShouldBe(1m);
        (await CallsAsync($"&from={Day(last)}&to={Day(last)}")).Count.ShouldBe(2);
        var report = await _client.GetJsonAsync($"/v1/costs?from={Day(month)}&to={Day(month)}");
        Cost(report.GetProperty("before")).ShouldBe(1m, "the day before");
        report.GetProperty("to").GetString().ShouldBe(Day(month));
    }

    [Fact]
    public async Task Savings_say_what_counts_what_does_not_and_what_cannot_be_said()
    {
        await using (var everything = await _host.Database.Everything.OpenConnectionAsync(Ct))
        {
            await everything.ExecuteAsync("""
                insert into usage (tenant_id, id, at, service, provider, model, feature, tier, cost, settled, cost_large, cost_uncached) values
                  (@t, gen_random_uuid(), @at, 'llm', 'p', 's', 'answer', 'small', 0.1, true, 1, 0.15),
                  (@t, gen_random_uuid(), @at, 'llm', 'p', 'l', 'answer', 'large', 2, true, 2, 1.9),
                  (@t, gen_random_uuid(), @at, 'llm', 'p', 's', 'rewrite', 'small', 0.05, true, null, 0.05),
                  (@t, gen_random_uuid(), @at, 'llm', 'p', 's', 'answer', 'small', 7, false, 9, 9),
                  (@t, gen_random_uuid(), @at, 'embedding', 'p', 'e', 'embed', null, 0.01, true, null, null)
                """, new { t = _tenant.Id, at = _host.Time.GetUtcNow() });
        }
        var baselines = (await _client.GetJsonAsync("/v1/costs/savings")).GetProperty("baselines").EnumerateArray().ToDictionary(each => each.GetProperty("name").GetString()!);
        var large = baselines["all_large"];
        (Number(large, "calls"), Number(large, "excludedUnsettled"), Number(large, "excludedUnpriced"), Number(large, "notConcerned")).ShouldBe((2, 1, 1, 1));
        (large.GetProperty("paid").GetDecimal(), large.GetProperty("baseline").GetDecimal(), large.GetProperty("saved").GetDecimal(), large.GetProperty("savedShare").GetDouble()).ShouldBe((2.1m, 3m, .9m, .3));
        var cache = baselines["no_cache"];
        (Number(cache, "calls"), Number(cache, "excludedUnsettled"), Number(cache, "excludedUnpriced"), Number(cache, "notConcerned")).ShouldBe((3, 1, 0, 1));
        cache.GetProperty("saved").GetDecimal().ShouldBe(-.05m, "writing the cache was dearer");
        baselines["every_frame"].GetProperty("missing").GetString().ShouldNotBeNullOrEmpty();
        baselines["every_frame"].GetProperty("saved").ValueKind.ShouldBe(JsonValueKind.Null, "not known is not zero");
        baselines = (await _client.GetJsonAsync("/v1/costs/savings?feature=rewrite")).GetProperty("baselines").EnumerateArray().ToDictionary(each => each.GetProperty("name").GetString()!);
        baselines["all_large"].GetProperty("missing").GetString().ShouldNotBeNullOrEmpty();
        baselines["all_large"].GetProperty("baseline").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_unusual_day_is_flagged_while_it_runs_and_once()
    {
        var other = await _host.TenantAsync();
        await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
        var now = _host.Time.GetUtcNow();
        // Months before the last have no partition: days back to then.
        await everything.ExecuteAsync("insert into usage_days select @t, @d - n, 'llm', 'p', 'm', 'answer', @none, '', 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0 from generate_series(1, 60) n",
            new { t = _tenant.Id, d = Today, none = Guid.Empty });
        await InsertAsync(everything, now, 3m);
        await RunAsync();
        (await FlagsAsync()).ShouldBeEmpty("two dollars more is allowed one");
        await InsertAsync(everything, now, .25m);
        await RunAsync();
        var flag = (await FlagsAsync()).Single();
        (flag.GetProperty("day").GetString(), Cost(flag), flag.GetProperty("usual").GetDecimal(), flag.GetProperty("threshold").GetDecimal()).ShouldBe((Day(Today), 3.25m, 2m, 3m));
        await InsertAsync(everything, now, 5m);
        await RunAsync();
        Cost((await FlagsAsync()).Single()).ShouldBe(8.25m);
        (await _client.GetJsonAsync("/v1/budget")).GetProperty("unusual").GetArrayLength().ShouldBe(1);
        (await other.Operator().GetJsonAsync("/v1/costs/anomalies")).GetProperty("items").GetArrayLength().ShouldBe(0);
        var forecast = await _client.GetJsonAsync("/v1/costs/forecast");
        (forecast.GetProperty("days").GetInt32(), forecast.GetProperty("estimate").GetDecimal()).ShouldBe((28, forecast.GetProperty("soFar").GetDecimal() + (2m * (DateTime.DaysInMonth(Today.Year, Today.Month) - Today.Day))));
        (await other.Operator().GetJsonAsync("/v1/costs/forecast")).GetProperty("estimate").ValueKind.ShouldBe(JsonValueKind.Null, "too few days");

        async Task<List<JsonElement>> FlagsAsync() => [.. (await _client.GetJsonAsync("/v1/costs/anomalies")).GetProperty("items").EnumerateArray()];

        Task RunAsync() => _host.Services.GetServices<Schedule>().Single(each => each.Name == CostAnomalies.Name).RunAsync(_host.Services, Ct);
    }

    [Fact]
    public async Task A_budget_is_changed_seen_and_taken_back()
    {
        var shipped = await _client.GetJsonAsync("/v1/budget");
        (Number(shipped, "version"), shipped.GetProperty("settings").GetProperty("month").GetDecimal()).ShouldBe((0, 100m));
        var settings = new { month = 50m, day = (decimal?)null, hardCap = true, conversation = 1m, endUser = 2m, anonymous = 5m, unusual = 3m };
        (await PutAsync(new { settings, basedOn = 0, note = "less" })).GetProperty("settings").GetProperty("day").ValueKind.ShouldBe(JsonValueKind.Null);
        using (var late = await _client.PutAsJsonAsync("/v1/budget", new { settings, basedOn = 0 }, Ct))
            await late.ShouldFailAsync(409, "budget_changed");
        Number(await _client.GetJsonAsync("/v1/budget"), "version").ShouldBe(1, "what came too late is not in force");
        var versions = (await _client.GetJsonAsync("/v1/budget/versions")).GetProperty("items").EnumerateArray().ToList();
        versions.Select(each => (Number(each, "version"), each.GetProperty("isPublished").GetBoolean())).ShouldBe([(2, false), (1, true)]);
        versions[1].GetProperty("settings").GetProperty("unusual").GetDecimal().ShouldBe(3m);
        (await _host.Services.GetRequiredService<Budgets>().ReserveAsync(new Spender { TenantId = _tenant.Id, Feature = "answer" }, [new(ModelTier.Small, "p", "m", 51m)], extractive: true, TimeSpan.FromMinutes(4), Ct))
            .Step.Reason.ShouldBe("tenant_month", "it holds from the next call on");
        using (var back = await _client.PostAsJsonAsync("/v1/budget/publish", new { version = 0 }, Ct))
            Number(await back.JsonAsync(), "version").ShouldBe(0);

        async Task<JsonElement> PutAsync(object body)
        {
            using var response = await _client.PutAsJsonAsync("/v1/budget", body, Ct);
            ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync(Ct));
            return await response.JsonAsync();
        }
    }

    [Fact]
    public async Task Bad_questions_are_told_which_field_and_how()
    {
        (string Path, string Field)[] bad =
        [
            ("/v1/costs?by=colour", "by"),
            ("/v1/costs?by=model&split=tier", "split"),
            ("/v1/costs?by=day&split=conversation", "split"),
            ("/v1/costs?from=yesterday", "from"),
            ("/v1/costs?to=2026-02-30", "to"),
            ("/v1/costs?to=9999-12-31", "to"),
            ("/v1/costs?from=2026-02-02&to=2026-02-01", "from"),
            ("/v1/costs?from=2025-01-01&to=2026-02-05", "from"),
            ("/v1/costs?tier=huge", "tier"),
            ("/v1/costs?assistant=me", "assistant"),
            ("/v1/costs/calls?conversation=1", "conversation"),
            ("/v1/costs/calls?limit=0", "limit"),
            ("/v1/costs/calls?cursor=x", "cursor"),
            ("/v1/costs/savings?conversation=none", "conversation"),
        ];
        foreach (var (path, field) in bad)
        {
            using var response = await _client.GetAsync(path, Ct);
            await response.ShouldFailAsync(400, "invalid", field);
        }
    }

    [Fact]
    public async Task Bad_budgets_are_told_which_field_and_how()
    {
        (string Body, string Field)[] bad =
        [
            ("""{}""", "settings"),
            ("""{"settings":{"month":-1}}""", "settings.month"),
            ("""{"settings":{"month":10,"day":11}}""", "settings.day"),
            ("""{"settings":{"unusual":-1}}""", "settings.unusual"),
        ];
        foreach (var (body, field) in bad)
        {
            using var response = await _client.PutAsync("/v1/budget", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Ct);
            await response.ShouldFailAsync(400, "invalid", field);
        }
    }

    [Fact]
    public async Task Who_may_read_costs_may_not_change_the_budget_and_an_agent_may_neither()
    {
        var (viewer, agent) = ((await _tenant.MemberAsync("viewer")).Client, (await _tenant.MemberAsync("agent")).Client);
        await viewer.GetJsonAsync("/v1/costs");
        using (var put = await viewer.PutAsJsonAsync("/v1/budget", new { settings = new { } }, Ct))
            await put.ShouldFailAsync(403, "forbidden");
        using var get = await agent.GetAsync("/v1/costs", Ct);
        await get.ShouldFailAsync(403, "forbidden");
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static decimal Cost(JsonElement of) => of.GetProperty("cost").GetDecimal();

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private async Task<decimal> TotalAsync(string query) => Cost((await _client.GetJsonAsync("/v1/costs" + query)).GetProperty("total"));

    /// <summary>All of them, page by page.</summary>
    private async Task<List<JsonElement>> CallsAsync(string query)
    {
        var (calls, cursor) = (new List<JsonElement>(), (string?)"");
        while (cursor is not null)
        {
            var page = await _client.GetJsonAsync($"/v1/costs/calls?limit=37{query}{(cursor.Length > 0 ? "&cursor=" + cursor : "")}");
            calls.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
        }
        return calls;
    }

    private async Task InsertAsync(NpgsqlConnection everything, DateTimeOffset at, decimal cost) => await everything.ExecuteAsync(
        "insert into usage (tenant_id, id, at, service, provider, model, feature, cost) values (@t, gen_random_uuid(), @at, 'llm', 'p', 'm', 'answer', @cost)", new { t = _tenant.Id, at, cost });

    /// <summary>Calls of the last ten days of all sorts, several a statement and several at a moment.</summary>
    private async Task PlantAsync(Guid tenant, int count, DateOnly today, int seed)
    {
        var random = new Random(seed);
        Guid?[] assistants = [null, Guid.CreateVersion7(), Guid.CreateVersion7()];
        Guid?[] conversations = [null, .. Enumerable.Range(0, 7).Select(_ => (Guid?)Guid.CreateVersion7())];
        string?[] tiers = [null, "small", "medium", "large"];
        var (start, rows) = (new DateTimeOffset(today.AddDays(-9).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), new List<object>());
        for (var i = 0; i < count; i++)
        {
            rows.Add(new
            {
                t = tenant, id = Guid.CreateVersion7(), at = start.AddMinutes(15 * random.Next(10 * 96)), service = random.Next(5) == 0 ? "embedding" : "llm", provider = "p" + random.Next(2), model = "m" + random.Next(3),
                feature = random.Next(3) == 0 ? "rewrite" : "answer", assistant = assistants[random.Next(3)], conversation = conversations[random.Next(8)], tier = tiers[random.Next(4)],
                a = random.NextInt64(5_000), b = random.NextInt64(900), c = random.NextInt64(3_000), d = random.NextInt64(100), cost = random.NextInt64(1_000_000_000) / 1_000_000_000m, settled = random.Next(6) > 0,
            });
        }
        await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
        await everything.ExecuteAsync("""
            insert into usage (tenant_id, id, at, service, provider, model, feature, assistant_id, conversation_id, tier, input_tokens, output_tokens, cached_tokens, cache_write_tokens, cost, settled)
            values (@t, @id, @at, @service, @provider, @model, @feature, @assistant, @conversation, @tier, @a, @b, @c, @d, @cost, @settled)
            """, rows);
    }
}
