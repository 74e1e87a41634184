using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Inference.Accounts;
using Parley.Inference.Contracts;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Testkit.Models;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>Accounts of tenants and of the instance, choices and their versions, and the test of a connection, over HTTP against the double.</summary>
public sealed class ModelAccountsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Accounts = "/v1/models/accounts", Settings = "/v1/models/settings";

    private ModelsDouble _double = null!;
    private ParleyHost _host = null!;
    private TestTenant _tenant = null!;
    private HttpClient _client = null!;

    /// <summary>Happens once, while the address of gate.example is looked up.</summary>
    private Func<Task>? _meanwhile;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _double = await ModelsDouble.StartAsync();
        _host = await ParleyHost.StartAsync(postgres, services =>
            services.AddSingleton(_ => new GuardedHttp($"{new Uri(_double.Address).Authority} 127.0.0.1:1", TimeProvider.System, ResolveAsync)));
        _tenant = await _host.TenantAsync();
        _client = _tenant.Operator();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _double.DisposeAsync();
    }

    [Fact]
    public async Task An_account_is_added_changed_and_deleted_and_its_key_is_never_shown()
    {
        var key = NewKey();
        var account = await AddAsync("Main", ModelProviderKinds.Anthropic, "/anthropic", key);
        var (id, path) = (account.Text("id")!, $"{Accounts}/{account.Text("id")}");
        account.Text("keyHint").ShouldBe("…" + key[^4..]);
        await TestAsync(id, "answer", "claude-haiku-5-5", "ok");
        (await GetTextAsync(Accounts) + await GetTextAsync(path)).ShouldNotContain(key);
        var shown = await _client.GetJsonAsync(path);
        (shown.Text("testResult"), shown.Text("testModel"), shown.Text("testMessage")).ShouldBe(("ok", "claude-haiku-5-5", "It answers."));

        var changed = await ChangeAsync(id, entry => { entry["name"] = "Renamed"; entry["concurrency"] = 3; });
        (changed.Text("name"), changed.Int("concurrency"), changed.Int("version"), changed.Text("keyHint"), changed.Text("testResult")).ShouldBe(("Renamed", 3, 2, "…" + key[^4..], "ok"));
        await TestAsync(id, "answer", "claude-haiku-5-5", "ok");
        _double.Requests.Count(request => request.Headers.Values.Any(value => value.Contains(key, StringComparison.Ordinal))).ShouldBe(2, "the key that was kept");

        var next = NewKey();
        (await ChangeAsync(id, entry => entry["apiKey"] = next)).GetProperty("testResult").ValueKind.ShouldBe(JsonValueKind.Null, "another key was not tested");
        await TestAsync(id, "answer", "claude-haiku-5-5", "ok");
        _double.BilledTo(next).Output.ShouldBeGreaterThan(0);

        using (var elsewhere = await PutAsync(id, entry => entry["baseUrl"] = "http://127.0.0.1:1"))
            await elsewhere.ShouldFailAsync(400, "invalid", "apiKey");
        using (var elsewhere = await _client.PostAsJsonAsync(path + "/test", new { feature = "answer", model = "m", baseUrl = "http://127.0.0.1:1" }))
            await elsewhere.ShouldFailAsync(400, "invalid", "apiKey");
        using (var old = await PutAsync(id, entry => entry["version"] = 1))
            await old.ShouldFailAsync(409, "model_account.changed");
        using (var other = await PutAsync(id, entry => entry["provider"] = "openai"))
            await other.ShouldFailAsync(400, "invalid", "provider");
        await AddAsync("Second", ModelProviderKinds.OpenAi, "/openai/v1", NewKey());
        using (var taken = await PutAsync(id, entry => entry["name"] = "Second"))
            await taken.ShouldFailAsync(409, "model_account.exists", "name");

        (await _client.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var gone = await _client.GetAsync(path, Ct);
        await gone.ShouldFailAsync(404, "not_found");
        (await SecretsAsync()).ShouldBe(1, "its key went with it");
        var audit = await GetTextAsync("/v1/audit");
        audit.ShouldContain("model_account.deleted");
        audit.ShouldNotContain(key);
    }

    [Theory]
    [InlineData("name", "name", "")]
    [InlineData("provider", "provider", "closedai")]
    [InlineData("baseUrl", "baseUrl", "example.com")]
    [InlineData("baseUrl", "baseUrl", "ftp://example.com")]
    [InlineData("baseUrl", "baseUrl", "https://me:secret@example.com")]
    [InlineData("baseUrl", "baseUrl", "https://example.com/v1?key=1")]
    [InlineData("baseUrl", "baseUrl", "http://169.254.169.254/v1")]
    [InlineData("apiKey", "apiKey", "")]
    [InlineData("apiKey", "apiKey", "two words")]
    [InlineData("requestsPerMinute", "requestsPerMinute", 0)]
    [InlineData("concurrency", "concurrency", -1)]
    public async Task What_is_wrong_with_an_account_is_named(string field, string named, object value)
    {
        var entry = new JsonObject { ["name"] = "Main", ["provider"] = "openai", ["apiKey"] = NewKey() };
        entry[field] = JsonValue.Create(value);
        using var response = await _client.PostAsJsonAsync(Accounts, entry, Ct);
        await response.ShouldFailAsync(400, "invalid", named);
    }

    [Fact]
    public async Task A_private_address_is_refused_before_it_is_kept_and_the_mend_is_named()
    {
        using var response = await _client.PostAsJsonAsync(Accounts, new { name = "Cellar", provider = "openai-compatible", baseUrl = "http://10.1.2.3:11434/v1" }, Ct);
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("PARLEY_PRIVATE_HOSTS=10.1.2.3:11434");
        await response.ShouldFailAsync(400, "invalid", "baseUrl");
        (await _client.GetJsonAsync(Accounts)).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_tenant_sees_its_own_accounts_only_and_of_the_instances_their_name_and_provider()
    {
        var mine = await AddAsync("Main", ModelProviderKinds.OpenAi, "/openai/v1", NewKey());
        var key = NewKey();
        var shared = await ShareAsync("House", key);
        var other = await _host.TenantAsync();
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
        _host.Time.Advance(TimeSpan.FromSeconds(6));
        JsonObject Free(string model) => new() { ["provider"] = "anthropic", ["model"] = model, ["kind"] = "chat", ["prices"] = new JsonObject { ["input"] = 0, ["output"] = 0 } };
        var saved = await SavedAsync(new JsonObject
        {
            ["choices"] = new JsonArray(Choice("answer", "small", house.ToString(), "claude-haiku-5-5"), Choice("answer", "small", house.ToString(), "claude-own")),
            ["models"] = new JsonArray(Free("claude-haiku-5-5"), Free("claude-own")),
        });
        saved.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).ShouldContain(warning => warning.StartsWith("claude-own: it has no price", StringComparison.Ordinal) && warning.Contains("'House' belongs to the instance"));
        var gateway = _host.Services.GetRequiredService<ModelGateway>();
        var seats = (await gateway.SetupAsync(_tenant.Id, Ct)).For(ModelFeature.Answer);
        seats.Select(seat => seat.Info.Prices?.Input).ShouldBe([Parley.Inference.Catalogue.ModelCatalogue.Shipped.Find("anthropic", "claude-haiku-5-5")!.Prices!.Input, null]);
        seats.ShouldAllBe(seat => seat.Account.OfInstance);
        (await gateway.SeatAsync(_tenant.Id, house, seats[1].Info with { Model = "gone", Prices = new ModelPrices { Input = 0, Output = 0 } }, Ct))!.Info.Prices.ShouldBeNull();
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
        _host.Time.Advance(TimeSpan.FromSeconds(6));
        var answer = await TestAsync(shared.Id.ToString(), "answer", "claude-haiku-5-5", result);
        answer.Text("message").ShouldNotBeNullOrEmpty();
        answer.ToString().ShouldNotContain("127.0.0.1");
        foreach (var hidden in new[] { "requestId", "status" })
            answer.GetProperty(hidden).ValueKind.ShouldBe(JsonValueKind.Null, hidden);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)] // guessed: what it will be
    public async Task What_was_checked_is_what_is_changed(int version)
    {
        using var added = await _client.PostAsJsonAsync(Accounts, new { name = "Gate", provider = "openai-compatible", baseUrl = "http://gate.example/v1", apiKey = NewKey() }, Ct);
        var id = (await added.JsonAsync()).Text("id")!;
        var moved = new { name = "Moved", provider = "openai-compatible", baseUrl = _double.At("/openai/v1").ToString(), apiKey = NewKey(), version = 1 };
        _meanwhile = async () => (await _client.PutAsJsonAsync($"{Accounts}/{id}", moved, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var late = await _client.PutAsJsonAsync($"{Accounts}/{id}", new { name = "Gate", provider = "openai-compatible", baseUrl = "http://gate.example/v1", version }, Ct);
        await late.ShouldFailAsync(409, "model_account.changed");
        (await _client.GetJsonAsync($"{Accounts}/{id}")).Text("name").ShouldBe(_meanwhile is null ? "Moved" : "Gate", "another server's key stays with it");
    }

    [Fact]
    public async Task A_key_is_opened_with_the_address_it_was_entered_for()
    {
        var id = Guid.Parse((await AddAsync("Main", "openai", "/openai/v1", NewKey())).Text("id")!);
        var next = NewKey();
        var opened = await _host.Database.Tenants.InTransactionAsync(_tenant.Id, async session =>
        {
            var row = await AccountsApi.RowAsync(session, id);
            await ChangeAsync(id.ToString(), entry => { entry["baseUrl"] = "http://127.0.0.1:1/"; entry["apiKey"] = next; });
            return await _host.Services.GetRequiredService<ModelAccounts>().OpenAsync(session, row!);
        }, Ct);
        (opened!.Value.Row.Version, opened.Value.Account.BaseUrl, opened.Value.Account.Key).ShouldBe((2, new Uri("http://127.0.0.1:1/"), next));
    }

    [Fact]
    public async Task Of_two_who_save_settings_at_once_the_second_hears_of_the_first()
    {
        var configuration = _host.Services.GetRequiredService<Parley.Platform.Configuration.ConfigurationStore>();
        Task<HttpResponseMessage>? second = null;
        await _host.Database.Tenants.InTransactionAsync(_tenant.Id, async session =>
        {
            await configuration.SaveAndPublishAsync(session, ModelSettings.Kind, _tenant.Id, new ModelSettings { MaxAttempts = 1 }, null);
            second = _client.PutAsJsonAsync(Settings, new { settings = new { maxAttempts = 2 }, version = 0 }, Ct);
            await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
            while (!second.IsCompleted && !await everything.QuerySingleAsync<bool>(
                "select exists (select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))"))
                await Task.Delay(20, Ct);
        }, Ct);
        using var refused = await second!;
        await refused.ShouldFailAsync(409, "model_settings.changed");
        (await _client.GetJsonAsync(Settings)).GetProperty("settings").Int("maxAttempts").ShouldBe(1);
    }

    [Fact]
    public async Task No_key_is_anywhere_in_the_database_in_plain()
    {
        var (own, shared) = (NewKey(), NewKey());
        var account = await AddAsync("Main", ModelProviderKinds.OpenAi, "/openai/v1", own);
        await ShareAsync("House", shared);
        await TestAsync(account.Text("id")!, "answer", "gpt-6-luna", "ok");
        await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
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
        var gateway = _host.Services.GetRequiredService<ModelGateway>();
        (await gateway.SetupAsync(_tenant.Id, Ct)).ShouldBe(ModelSetup.None);
        var (key, next, houseKey) = (NewKey(), NewKey(), NewKey());
        var own = (await AddAsync("Main", ModelProviderKinds.Anthropic, "/anthropic", key)).Text("id")!;
        var house = await ShareAsync("House", houseKey);
        _host.Time.Advance(TimeSpan.FromSeconds(6)); // for the account of the instance
        await SavedAsync(new JsonObject
        {
            ["choices"] = new JsonArray(Choice("answer", "small", own, "claude-haiku-5-5"), Choice("answer", "small", house.Id.ToString(), "claude-haiku-5-5"), Choice("answer", "large", own, "claude-opus-5-5")), ["forCustomers"] = true,
        });
        var setup = await gateway.SetupAsync(_tenant.Id, Ct);
        setup.For(ModelFeature.Answer).Select(seat => (seat.Tier, seat.Account.Key, seat.Info.Model)).ShouldBe(
            [(ModelTier.Small, key, "claude-haiku-5-5"), (ModelTier.Small, houseKey, "claude-haiku-5-5"), (ModelTier.Large, key, "claude-opus-5-5")]);
        (setup.Version, setup.Settings.ForCustomers, setup.For(ModelFeature.Embed).Count).ShouldBe((1, true, 0));
        (await gateway.SetupAsync(_tenant.Id, Ct)).ShouldBeSameAs(setup, "nothing has changed");

        await ChangeAsync(own, entry => entry["apiKey"] = next);
        (await gateway.SetupAsync(_tenant.Id, Ct)).For(ModelFeature.Answer).Select(seat => seat.Account.Key).ShouldBe([next, houseKey, next]);
        await ChangeAsync(own, entry => entry["enabled"] = false);
        (await gateway.SetupAsync(_tenant.Id, Ct)).For(ModelFeature.Answer).ShouldHaveSingleItem().Account.Id.ShouldBe(house.Id);
        (await _client.GetJsonAsync(Settings)).GetProperty("warnings")[0].GetString()!.ShouldContain("switched off");
        var instance = _host.Services.GetRequiredService<InstanceModelAccounts>();
        (await instance.RemoveAsync(house.Id, although: false, Ct)).Error!.Message.ShouldContain("serve 1 tenant.");
        (await instance.RemoveAsync(house.Id, although: true, Ct)).Error.ShouldBeNull();
        (await gateway.SetupAsync(_tenant.Id, Ct)).For(ModelFeature.Answer).ShouldBeEmpty();
        (await gateway.SetupAsync((await _host.TenantAsync()).Id, Ct)).ShouldBe(ModelSetup.None);
    }

    [Fact]
    public async Task An_account_that_serves_is_deleted_only_together_with_its_choices()
    {
        var (first, second) = ((await AddAsync("First", "openai", "/openai/v1", NewKey())).Text("id")!, (await AddAsync("Second", "openai", "/openai/v1", NewKey())).Text("id")!);
        await SavedAsync(new JsonObject { ["choices"] = new JsonArray(Choice("answer", "small", first, "gpt-6-luna"), Choice("embed", "small", first, "text-embedding-3-small"), Choice("answer", "small", second, "gpt-6-sol")) });
        (await _client.GetJsonAsync($"{Accounts}/{first}")).GetProperty("serves").EnumerateArray().Select(each => each.GetString()).ShouldBe(["answer small (gpt-6-luna)", "embed (text-embedding-3-small)"]);
        using (var refused = await _client.DeleteAsync($"{Accounts}/{first}", Ct))
        {
            (await refused.Content.ReadAsStringAsync(Ct)).ShouldContain("serves answer small (gpt-6-luna), embed (text-embedding-3-small).");
            await refused.ShouldFailAsync(409, "model_account.serves");
        }
        (await _client.DeleteAsync($"{Accounts}/{first}?removeChoices=true", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var settings = await _client.GetJsonAsync(Settings);
        (settings.Int("version"), settings.GetProperty("settings").GetProperty("choices").EnumerateArray().ShouldHaveSingleItem().Text("model")).ShouldBe((2, "gpt-6-sol"));
        using var back = await _client.PostAsJsonAsync(Settings + "/publish", new { version = 1 }, Ct);
        await back.ShouldFailAsync(400, "invalid", "choices[0].accountId");
    }

    [Fact]
    public async Task Settings_have_versions_and_a_way_back_and_prices_the_servers_date()
    {
        var account = (await AddAsync("Cellar", "openai-compatible", "/openai/v1", NewKey())).Text("id")!;
        var llama = new JsonObject { ["provider"] = "openai-compatible", ["model"] = "llama", ["kind"] = "chat", ["prices"] = new JsonObject { ["input"] = 0, ["output"] = 0 }, ["asOf"] = "2001-01-01" };
        var settings = new JsonObject { ["choices"] = new JsonArray(Choice("answer", "medium", account, "llama")), ["models"] = new JsonArray(llama), ["strategy"] = "attempts", ["cascadeBelow"] = .7, ["maxAttempts"] = 2 };
        var first = await SavedAsync(settings, "the cellar");
        var entered = first.GetProperty("settings").GetProperty("models")[0].Text("asOf");
        entered.ShouldBe(DateOnly.FromDateTime(_host.Time.GetUtcNow().UtcDateTime).ToString("yyyy-MM-dd", null));
        (first.Int("version"), first.GetProperty("settings").Text("strategy"), first.GetProperty("warnings").GetArrayLength()).ShouldBe((1, "attempts", 0));
        var catalogue = (await _client.GetJsonAsync("/v1/models/catalogue")).GetProperty("models").EnumerateArray().ToList();
        catalogue.Single(entry => entry.GetProperty("model").Text("model") == "llama").Text("origin").ShouldBe("own");
        catalogue.Single(entry => entry.GetProperty("model").Text("model") == "gpt-6-luna").Text("origin").ShouldBe("shipped");

        _host.Time.Advance(TimeSpan.FromDays(1));
        var kept = first.GetProperty("settings").Deserialize<JsonObject>()!;
        (await SavedAsync(kept)).GetProperty("settings").GetProperty("models")[0].Text("asOf").ShouldBe(entered, "nothing of it was touched");

        using (var invalid = await SaveAsync(_client, new JsonObject { ["choices"] = new JsonArray(Choice("answer", "small", account, "llama-9")) }))
            await invalid.ShouldFailAsync(400, "invalid", "settings.choices[0].model");
        using (var strategy = await SaveAsync(_client, new JsonObject { ["strategy"] = "luck" }))
            ((int)strategy.StatusCode).ShouldBe(400);
        using (var old = await _client.PutAsJsonAsync(Settings, new { settings = kept, version = 1 }, Ct))
            await old.ShouldFailAsync(409, "model_settings.changed");

        using (var none = await _client.PostAsJsonAsync(Settings + "/publish", new { version = 0 }, Ct))
            (await none.JsonAsync()).Int("version").ShouldBe(0);
        using (var back = await _client.PostAsJsonAsync(Settings + "/publish", new { version = 1 }, Ct))
            (await back.JsonAsync()).Int("version").ShouldBe(1);
        using (var unknown = await _client.PostAsJsonAsync(Settings + "/publish", new { version = 9 }, Ct))
            await unknown.ShouldFailAsync(400, "invalid", "version");
        (await _client.GetJsonAsync(Settings + "/versions")).GetProperty("items").EnumerateArray().Select(version => (version.Int("version"), version.GetProperty("isPublished").GetBoolean(), version.Text("note")))
            .ShouldBe([(2, false, null), (1, true, "the cellar")]);
        (await _client.GetJsonAsync(Settings + "/versions/2")).GetProperty("settings").GetProperty("maxAttempts").GetInt32().ShouldBe(2);
        _host.Time.Advance(TimeSpan.FromDays(100));
        (await _client.GetJsonAsync("/v1/models/catalogue")).GetProperty("models").EnumerateArray().Single(entry => entry.GetProperty("model").Text("model") == "gpt-6-luna").Text("stale")!.ShouldContain("days ago");
    }

    [Theory]
    [InlineData("anthropic", "/anthropic", "answer", "claude-haiku-5-5")]
    [InlineData("openai", "/openai/v1", "judge", "gpt-6-luna")]
    [InlineData("openai", "/openai/v1", "embed", "text-embedding-3-small")]
    [InlineData("openai-compatible", "/openai/v1", "answer", "gemini-3.5-flash-lite")]
    [InlineData("voyage", "/voyage/v1", "embed", "voyage-4-lite")]
    [InlineData("voyage", "/voyage/v1", "rerank", "rerank-2.5")]
    public async Task A_test_makes_the_smallest_real_call_and_books_what_it_cost(string provider, string path, string feature, string model)
    {
        var key = NewKey();
        var account = await AddAsync("Main", provider, path, key);
        var result = await TestAsync(account.Text("id")!, feature, model, "ok");
        var billed = _double.BilledTo(key);
        (result.GetProperty("usage").GetProperty("inputTokens").GetInt64() + result.GetProperty("usage").GetProperty("cacheWriteTokens").GetInt64(), result.GetProperty("usage").GetProperty("outputTokens").GetInt64())
            .ShouldBe((billed.Input + billed.CacheWrite, billed.Output));
        var prices = (await _client.GetJsonAsync("/v1/models/catalogue")).GetProperty("models").EnumerateArray().Single(entry => entry.GetProperty("model").Text("model") == model).GetProperty("model").GetProperty("prices");
        var cost = ((billed.Input * prices.GetProperty("input").GetDecimal()) + (billed.Output == 0 ? 0 : billed.Output * prices.GetProperty("output").GetDecimal())) / 1_000_000;
        (result.GetProperty("cost").GetDecimal(), result.GetProperty("costKnown").GetBoolean()).ShouldBe((cost, true));
        if (feature == "embed")
        {
            result.Int("dimensions").ShouldBe(provider == "voyage" ? 1024 : 1536);
        }
        await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
        (await everything.QuerySingleAsync<string>("select feature || ' ' || model || ' ' || (cost = @cost) || ' ' || settled from usage where tenant_id = @id", new { cost, id = _tenant.Id })).ShouldBe($"test {model} true true");
    }

    [Theory]
    [InlineData("cohere", "/cohere", "rerank-v4.0-fast")]
    [InlineData("jina", "/jina/v1", "jina-reranker-v3.5")]
    [InlineData("tei", "/tei", "own-reranker")]
    public async Task What_has_no_price_is_tested_and_said_not_to_have_one_but_not_under_a_hard_limit(string provider, string path, string model)
    {
        var account = (await AddAsync("Main", provider, path, NewKey())).Text("id")!;
        var result = await TestAsync(account, "rerank", model, "ok");
        (result.GetProperty("costKnown").GetBoolean(), result.GetProperty("cost").GetDecimal()).ShouldBe((false, 0));
        result.Text("message")!.ShouldContain("No price is known");
        await _host.Database.Tenants.InTransactionAsync(_tenant.Id, session => _host.Services.GetRequiredService<Parley.Platform.Configuration.ConfigurationStore>()
            .SaveAndPublishAsync(session, "budget", _tenant.Id, new { hardCap = true }, null), Ct);
        (await TestAsync(account, "rerank", model, "budget")).Text("message")!.ShouldContain("Enter its price");
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "401", "unauthorized", "Enter a valid key" },
        { "403", "unauthorized", "may not do this" },
        { "404", "model_not_found", "Check the model's name" },
        { "no-credit", "unauthorized", "no credit" },
        { "429", "rate_limited", "rate limit" },
        { "500", "server_error", "status page" },
        { "529", "overloaded", "Try again in a minute" },
        { "413", "too_large", "too long" },
        { "html", "malformed", "base URL" },
        { "cut", "cut", "proxy" },
        { "empty", "empty", "another model" },
        { "refused", "refused", "choose another model" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_is_wrong_is_said_with_its_mend(string fault, string result, string says)
    {
        foreach (var (provider, path, model) in new[] { ("anthropic", "/anthropic", "claude-haiku-5-5"), ("openai", "/openai/v1", "gpt-6-luna") })
        {
            var key = NewKey();
            var account = await AddAsync(provider, provider, $"/~{fault}{path}", key);
            var answer = await TestAsync(account.Text("id")!, "answer", model, result);
            answer.Text("message")!.ShouldContain(says, Case.Insensitive, provider);
            answer.ToString().ShouldNotContain(key);
            (await _client.GetJsonAsync($"{Accounts}/{account.Text("id")}")).Text("testResult").ShouldBe(result);
        }
    }

    [Theory]
    [InlineData("wrong-dimension", "wrong_dimension", "dimensions")]
    [InlineData("nan", "not_a_number", "protocol")]
    [InlineData("fewer", "empty", "no vectors")]
    public async Task Vectors_are_looked_at(string fault, string result, string says) =>
        (await TestAsync((await AddAsync("V", "voyage", $"/~{fault}/voyage/v1", NewKey())).Text("id")!, "embed", "voyage-4-lite", result)).Text("message")!.ShouldContain(says);

    [Fact]
    public async Task An_account_is_tested_before_it_is_saved()
    {
        async Task<JsonElement> ResultAsync(object request)
        {
            using var response = await _client.PostAsJsonAsync("/v1/models/test", request, Ct);
            ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync(Ct));
            return await response.JsonAsync();
        }
        var url = _double.At("/openai/v1").ToString();
        (await ResultAsync(new { provider = "openai", baseUrl = url, apiKey = NewKey(), feature = "answer", model = "gpt-6-luna" })).Text("result").ShouldBe("ok");
        (await ResultAsync(new { provider = "openai-compatible", baseUrl = "http://127.0.0.1:1/v1", feature = "answer", model = "llama" })).Text("message")!.ShouldContain("nothing listens there");
        (await ResultAsync(new { provider = "openai-compatible", baseUrl = "https://no-such-host.invalid/v1", feature = "answer", model = "llama" })).Text("message")!.ShouldContain("can look up names");
        (await ResultAsync(new { provider = "openai", baseUrl = url, apiKey = NewKey(), feature = "answer", model = "text-embedding-3-small" })).Text("message")!.ShouldContain("Nothing was asked");
        using (var refused = await _client.PostAsJsonAsync("/v1/models/test", new { provider = "openai-compatible", baseUrl = "http://10.0.0.1/v1", feature = "answer", model = "llama" }, Ct))
            await refused.ShouldFailAsync(400, "invalid", "baseUrl");
        using (var nothing = await _client.PostAsJsonAsync("/v1/models/test", new { }, Ct))
            await nothing.ShouldFailAsync(400, "invalid", "provider");
        (await _client.GetJsonAsync(Accounts)).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    private static string NewKey() => "sk-canary-" + Guid.CreateVersion7().ToString("N");

    private static JsonObject Choice(string feature, string tier, string account, string model) => new() { ["feature"] = feature, ["tier"] = tier, ["accountId"] = account, ["model"] = model };

    private async Task<JsonElement> AddAsync(string name, string provider, string path, string key)
    {
        using var response = await _client.PostAsJsonAsync(Accounts, new { name, provider, baseUrl = _double.At(path).ToString(), apiKey = key }, Ct);
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync(Ct));
        return await response.JsonAsync();
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        if (host != "gate.example")
        {
            return await Dns.GetHostAddressesAsync(host, ct);
        }
        var meanwhile = Interlocked.Exchange(ref _meanwhile, null);
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        return [IPAddress.Parse("93.184.216.34")];
    }

    private async Task<InstanceModelAccount> ShareAsync(string name, string key, string address = "/anthropic") => (await _host.Services.GetRequiredService<InstanceModelAccounts>()
        .SaveAsync(null, new InstanceModelAccountEntry(name, ModelProviderKinds.Anthropic, address[0] == '/' ? _double.At(address).ToString() : address, key), Ct)).Value;

    private async Task<HttpResponseMessage> PutAsync(string id, Action<JsonObject> change)
    {
        var entry = (await _client.GetJsonAsync($"{Accounts}/{id}")).Deserialize<JsonObject>()!;
        change(entry);
        return await _client.PutAsJsonAsync($"{Accounts}/{id}", entry, Ct);
    }

    private async Task<JsonElement> ChangeAsync(string id, Action<JsonObject> change)
    {
        using var response = await PutAsync(id, change);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync(Ct));
        return await response.JsonAsync();
    }

    private async Task<JsonElement> TestAsync(string id, string feature, string model, string result)
    {
        using var response = await _client.PostAsJsonAsync($"{Accounts}/{id}/test", new { feature, model }, Ct);
        var body = await response.Content.ReadAsStringAsync(Ct);
        ((int)response.StatusCode).ShouldBe(200, body);
        var answer = await response.JsonAsync();
        answer.Text("result").ShouldBe(result, body);
        return answer;
    }

    private static Task<HttpResponseMessage> SaveAsync(HttpClient client, JsonObject settings) => client.PutAsJsonAsync(Settings, new { settings }, Ct);

    private async Task<JsonElement> SavedAsync(JsonObject settings, string? note = null)
    {
        using var response = await _client.PutAsJsonAsync(Settings, new { settings, note }, Ct);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync(Ct));
        return await response.JsonAsync();
    }

    private async Task<string> GetTextAsync(string path) => await _client.GetStringAsync(path, Ct);

    private async Task<int> SecretsAsync()
    {
        await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
        return await everything.QuerySingleAsync<int>("select count(*)::int from secrets where tenant_id = @id", new { id = _tenant.Id });
    }
}
