using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Inference.Contracts;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>Accounts of the instance, and what all tenants or the time have a part in: a host for each test.</summary>
public sealed class InstanceModelAccountsTests(PostgresFixture postgres) : ModelAccountsCase(new ModelAccountsWorld(postgres))
{
    public override async ValueTask InitializeAsync()
    {
        await World.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task ATenant_sees_its_own_accounts_only_and_of_the_instances_their_name_and_provider()
    {
        var mine = await AddAsync("Main", ModelProviderKinds.OpenAi, "/openai/v1", NewKey());
        var key = NewKey();
        var shared = await ShareAsync("House", key);
        var other = await World.Host.TenantAsync();
        var seen = (await other.Operator().GetJsonAsync(Accounts)).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (seen.Text("name"), seen.Text("provider"), seen.GetProperty("ofInstance").GetBoolean()).ShouldBe(("House", "anthropic", true));
        foreach (var hidden in new[] { "baseUrl", "keyHint", "requestsPerMinute" })
            seen.GetProperty(hidden).ValueKind.ShouldBe(JsonValueKind.Null, hidden);
        using (var foreign = await other.Operator().GetAsync($"{Accounts}/{mine.Text("id")}", Ct))
            await foreign.ShouldFailAsync(404, "not_found");
        using (var foreign = await other.Operator().PostAsJsonAsync($"{Accounts}/{mine.Text("id")}/test", new { feature = "answer", model = "m" }, Ct))
            await foreign.ShouldFailAsync(404, "not_found");
        using (var change = await other.Operator().PutAsJsonAsync($"{Accounts}/{shared.Id}", new { name = "Mine", provider = "anthropic", apiKey = key }, Ct))
            await change.ShouldFailAsync(403, "forbidden");
        using (var remove = await other.Operator().DeleteAsync($"{Accounts}/{shared.Id}", Ct))
            await remove.ShouldFailAsync(403, "forbidden");
        using (var steal = await other.Operator().PostAsJsonAsync($"{Accounts}/{shared.Id}/test", new { feature = "answer", model = "m", baseUrl = "https://example.com" }, Ct))
            await steal.ShouldFailAsync(403, "forbidden");
        (await TestAsync(shared.Id.ToString(), "answer", "claude-haiku-5-5", "ok")).GetProperty("cost").GetDecimal().ShouldBeGreaterThan(0);
        using var unknown = await SaveAsync(other.Operator(), new JsonObject { ["choices"] = new JsonArray(Choice("answer", "small", mine.Text("id")!, "gpt-6-luna")) });
        await unknown.ShouldFailAsync(400, "invalid", "settings.choices[0].accountId");
    }

    [Fact]
    public async Task The_operators_prices_count_where_the_operator_pays()
    {
        var house = (await ShareAsync("House", NewKey())).Id;
        World.Host.Time.Advance(TimeSpan.FromSeconds(6));
        JsonObject Free(string model) => new() { ["provider"] = "anthropic", ["model"] = model, ["kind"] = "chat", ["prices"] = new JsonObject { ["input"] = 0, ["output"] = 0 } };
        var saved = await SavedAsync(new JsonObject
        {
            ["choices"] = new JsonArray(Choice("answer", "small", house.ToString(), "claude-haiku-5-5"), Choice("answer", "small", house.ToString(), "claude-own")),
            ["models"] = new JsonArray(Free("claude-haiku-5-5"), Free("claude-own")),
        });
        saved.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).ShouldContain(warning => warning.StartsWith("claude-own: it has no price", StringComparison.Ordinal) && warning.Contains("'House' belongs to the instance"));
        var gateway = World.Host.Services.GetRequiredService<ModelGateway>();
        var seats = (await gateway.SetupAsync(Tenant.Id, Ct)).For(ModelFeature.Answer);
        seats.Select(seat => seat.Info.Prices?.Input).ShouldBe([Parley.Inference.Catalogue.ModelCatalogue.Shipped.Find("anthropic", "claude-haiku-5-5")!.Prices!.Input, null]);
        seats.ShouldAllBe(seat => seat.Account.OfInstance);
        (await gateway.SeatAsync(Tenant.Id, house, seats[1].Info with { Model = "gone", Prices = new ModelPrices { Input = 0, Output = 0 } }, Ct))!.Info.Prices.ShouldBeNull();
        (await TestAsync(house.ToString(), "answer", "claude-haiku-5-5", "ok")).GetProperty("cost").GetDecimal().ShouldBeGreaterThan(0);
        (await TestAsync(house.ToString(), "answer", "claude-own", "ok")).Text("message")!.ShouldContain("let the operator add the model");
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", "unreachable")]
    [InlineData("/~401/anthropic", "unauthorized")]
    [InlineData("/~500/anthropic", "server_error")]
    [InlineData("/~html/anthropic", "malformed")]
    public async Task A_test_of_an_account_of_the_instance_tells_nothing_of_its_server(string address, string result)
    {
        var shared = await ShareAsync("House", NewKey(), address);
        World.Host.Time.Advance(TimeSpan.FromSeconds(6));
        var answer = await TestAsync(shared.Id.ToString(), "answer", "claude-haiku-5-5", result);
        answer.Text("message").ShouldNotBeNullOrEmpty();
        answer.ToString().ShouldNotContain("127.0.0.1");
        foreach (var hidden in new[] { "requestId", "status" })
            answer.GetProperty(hidden).ValueKind.ShouldBe(JsonValueKind.Null, hidden);
    }

    [Fact]
    public async Task No_key_is_anywhere_in_the_database_in_plain()
    {
        var (own, shared) = (NewKey(), NewKey());
        var account = await AddAsync("Main", ModelProviderKinds.OpenAi, "/openai/v1", own);
        await ShareAsync("House", shared);
        await TestAsync(account.Text("id")!, "answer", "gpt-6-luna", "ok");
        await using var everything = await World.Host.Database.Everything.OpenConnectionAsync(Ct);
        var tables = (await everything.QueryAsync<string>("select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace and has_table_privilege(c.oid, 'select')")).ToList();
        tables.ShouldContain("secrets");
        tables.ShouldContain("instance_model_accounts");
        var (dump, bytes) = (new List<string>(), new[] { own, shared }.Select(key => Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(key))));
        foreach (var table in tables)
            dump.AddRange(await everything.QueryAsync<string>($"select t::text from {table} t"));
        dump.ShouldContain(row => row.Contains("House", StringComparison.Ordinal), "the dump holds what it should");
        foreach (var secret in bytes.Concat([own, shared]))
            dump.ShouldNotContain(row => row.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setup_follows_every_change_of_settings_and_accounts()
    {
        var gateway = World.Host.Services.GetRequiredService<ModelGateway>();
        (await gateway.SetupAsync(Tenant.Id, Ct)).ShouldBe(ModelSetup.None);
        var (key, next, houseKey) = (NewKey(), NewKey(), NewKey());
        var own = (await AddAsync("Main", ModelProviderKinds.Anthropic, "/anthropic", key)).Text("id")!;
        var house = await ShareAsync("House", houseKey);
        World.Host.Time.Advance(TimeSpan.FromSeconds(6)); // for the account of the instance
        await SavedAsync(new JsonObject
        {
            ["choices"] = new JsonArray(Choice("answer", "small", own, "claude-haiku-5-5"), Choice("answer", "small", house.Id.ToString(), "claude-haiku-5-5"), Choice("answer", "large", own, "claude-opus-5-5")), ["forCustomers"] = true,
        });
        var setup = await gateway.SetupAsync(Tenant.Id, Ct);
        setup.For(ModelFeature.Answer).Select(seat => (seat.Tier, seat.Account.Key, seat.Info.Model)).ShouldBe(
            [(ModelTier.Small, key, "claude-haiku-5-5"), (ModelTier.Small, houseKey, "claude-haiku-5-5"), (ModelTier.Large, key, "claude-opus-5-5")]);
        (setup.Version, setup.Settings.ForCustomers, setup.For(ModelFeature.Embed).Count).ShouldBe((1, true, 0));
        (await gateway.SetupAsync(Tenant.Id, Ct)).ShouldBeSameAs(setup, "nothing has changed");

        await ChangeAsync(own, entry => entry["apiKey"] = next);
        (await gateway.SetupAsync(Tenant.Id, Ct)).For(ModelFeature.Answer).Select(seat => seat.Account.Key).ShouldBe([next, houseKey, next]);
        await ChangeAsync(own, entry => entry["enabled"] = false);
        (await gateway.SetupAsync(Tenant.Id, Ct)).For(ModelFeature.Answer).ShouldHaveSingleItem().Account.Id.ShouldBe(house.Id);
        (await Client.GetJsonAsync(Settings)).GetProperty("warnings")[0].GetString()!.ShouldContain("switched off");
        var instance = World.Host.Services.GetRequiredService<InstanceModelAccounts>();
        (await instance.RemoveAsync(house.Id, although: false, Ct)).Error!.Message.ShouldContain("serve 1 tenant.");
        (await instance.RemoveAsync(house.Id, although: true, Ct)).Error.ShouldBeNull();
        (await gateway.SetupAsync(Tenant.Id, Ct)).For(ModelFeature.Answer).ShouldBeEmpty();
        (await gateway.SetupAsync((await World.Host.TenantAsync()).Id, Ct)).ShouldBe(ModelSetup.None);
    }

    [Fact]
    public async Task Settings_have_versions_and_a_way_back_and_prices_the_servers_date()
    {
        var account = (await AddAsync("Cellar", "openai-compatible", "/openai/v1", NewKey())).Text("id")!;
        var llama = new JsonObject { ["provider"] = "openai-compatible", ["model"] = "llama", ["kind"] = "chat", ["prices"] = new JsonObject { ["input"] = 0, ["output"] = 0 }, ["asOf"] = "2001-01-01" };
        var settings = new JsonObject { ["choices"] = new JsonArray(Choice("answer", "medium", account, "llama")), ["models"] = new JsonArray(llama), ["strategy"] = "attempts", ["cascadeBelow"] = .7, ["maxAttempts"] = 2 };
        var first = await SavedAsync(settings, "the cellar");
        var entered = first.GetProperty("settings").GetProperty("models")[0].Text("asOf");
        entered.ShouldBe(DateOnly.FromDateTime(World.Host.Time.GetUtcNow().UtcDateTime).ToString("yyyy-MM-dd", null));
        (first.Int("version"), first.GetProperty("settings").Text("strategy"), first.GetProperty("warnings").GetArrayLength()).ShouldBe((1, "attempts", 0));
        var catalogue = (await Client.GetJsonAsync("/v1/models/catalogue")).GetProperty("models").EnumerateArray().ToList();
        catalogue.Single(entry => entry.GetProperty("model").Text("model") == "llama").Text("origin").ShouldBe("own");
        catalogue.Single(entry => entry.GetProperty("model").Text("model") == "gpt-6-luna").Text("origin").ShouldBe("shipped");

        World.Host.Time.Advance(TimeSpan.FromDays(1));
        var kept = first.GetProperty("settings").Deserialize<JsonObject>()!;
        (await SavedAsync(kept)).GetProperty("settings").GetProperty("models")[0].Text("asOf").ShouldBe(entered, "nothing of it was touched");

        using (var invalid = await SaveAsync(Client, new JsonObject { ["choices"] = new JsonArray(Choice("answer", "small", account, "llama-9")) }))
            await invalid.ShouldFailAsync(400, "invalid", "settings.choices[0].model");
        using (var strategy = await SaveAsync(Client, new JsonObject { ["strategy"] = "luck" }))
            ((int)strategy.StatusCode).ShouldBe(400);
        using (var old = await Client.PutAsJsonAsync(Settings, new { settings = kept, version = 1 }, Ct))
            await old.ShouldFailAsync(409, "model_settings.changed");

        using (var none = await Client.PostAsJsonAsync(Settings + "/publish", new { version = 0 }, Ct))
            (await none.JsonAsync()).Int("version").ShouldBe(0);
        using (var back = await Client.PostAsJsonAsync(Settings + "/publish", new { version = 1 }, Ct))
            (await back.JsonAsync()).Int("version").ShouldBe(1);
        using (var unknown = await Client.PostAsJsonAsync(Settings + "/publish", new { version = 9 }, Ct))
            await unknown.ShouldFailAsync(400, "invalid", "version");
        (await Client.GetJsonAsync(Settings + "/versions")).GetProperty("items").EnumerateArray().Select(version => (version.Int("version"), version.GetProperty("isPublished").GetBoolean(), version.Text("note")))
            .ShouldBe([(2, false, null), (1, true, "the cellar")]);
        (await Client.GetJsonAsync(Settings + "/versions/2")).GetProperty("settings").GetProperty("maxAttempts").GetInt32().ShouldBe(2);
        World.Host.Time.Advance(TimeSpan.FromDays(100));
        (await Client.GetJsonAsync("/v1/models/catalogue")).GetProperty("models").EnumerateArray().Single(entry => entry.GetProperty("model").Text("model") == "gpt-6-luna").Text("stale")!.ShouldContain("days ago");
    }
}
