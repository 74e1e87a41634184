using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Inference.Accounts;
using Parley.Inference.Contracts;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>Accounts of tenants, choices and their versions, over HTTP.</summary>
public sealed class ModelAccountsTests(ModelAccountsWorld world) : ModelAccountsCase(world), IClassFixture<ModelAccountsWorld>
{
    [Fact]
    public async Task An_account_is_added_changed_and_deleted_and_its_key_is_never_shown()
    {
        var key = NewKey();
        var account = await AddAsync("Main", ModelProviderKinds.Anthropic, "/anthropic", key);
        var (id, path) = (account.Text("id")!, $"{Accounts}/{account.Text("id")}");
        account.Text("keyHint").ShouldBe("…" + key[^4..]);
        await TestAsync(id, "answer", "claude-haiku-5-5", "ok");
        (await GetTextAsync(Accounts) + await GetTextAsync(path)).ShouldNotContain(key);
        var shown = await Client.GetJsonAsync(path);
        (shown.Text("testResult"), shown.Text("testModel"), shown.Text("testMessage")).ShouldBe(("ok", "claude-haiku-5-5", "It answers."));

        var changed = await ChangeAsync(id, entry => { entry["name"] = "Renamed"; entry["concurrency"] = 3; });
        (changed.Text("name"), changed.Int("concurrency"), changed.Int("version"), changed.Text("keyHint"), changed.Text("testResult")).ShouldBe(("Renamed", 3, 2, "…" + key[^4..], "ok"));
        await TestAsync(id, "answer", "claude-haiku-5-5", "ok");
        World.Double.Requests.Count(request => request.Headers.Values.Any(value => value.Contains(key, StringComparison.Ordinal))).ShouldBe(2, "the key that was kept");

        var next = NewKey();
        (await ChangeAsync(id, entry => entry["apiKey"] = next)).GetProperty("testResult").ValueKind.ShouldBe(JsonValueKind.Null, "another key was not tested");
        await TestAsync(id, "answer", "claude-haiku-5-5", "ok");
        World.Double.BilledTo(next).Output.ShouldBeGreaterThan(0);

        using (var elsewhere = await PutAsync(id, entry => entry["baseUrl"] = "http://127.0.0.1:1"))
            await elsewhere.ShouldFailAsync(400, "invalid", "apiKey");
        using (var elsewhere = await Client.PostAsJsonAsync(path + "/test", new { feature = "answer", model = "m", baseUrl = "http://127.0.0.1:1" }))
            await elsewhere.ShouldFailAsync(400, "invalid", "apiKey");
        using (var old = await PutAsync(id, entry => entry["version"] = 1))
            await old.ShouldFailAsync(409, "model_account.changed");
        using (var other = await PutAsync(id, entry => entry["provider"] = "openai"))
            await other.ShouldFailAsync(400, "invalid", "provider");
        await AddAsync("Second", ModelProviderKinds.OpenAi, "/openai/v1", NewKey());
        using (var taken = await PutAsync(id, entry => entry["name"] = "Second"))
            await taken.ShouldFailAsync(409, "model_account.exists", "name");

        (await Client.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var gone = await Client.GetAsync(path, Ct);
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
        using var response = await Client.PostAsJsonAsync(Accounts, entry, Ct);
        await response.ShouldFailAsync(400, "invalid", named);
    }

    [Fact]
    public async Task A_private_address_is_refused_before_it_is_kept_and_the_mend_is_named()
    {
        using var response = await Client.PostAsJsonAsync(Accounts, new { name = "Cellar", provider = "openai-compatible", baseUrl = "http://10.1.2.3:11434/v1" }, Ct);
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("PARLEY_PRIVATE_HOSTS=10.1.2.3:11434");
        await response.ShouldFailAsync(400, "invalid", "baseUrl");
        (await Client.GetJsonAsync(Accounts)).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)] // guessed: what it will be
    public async Task What_was_checked_is_what_is_changed(int version)
    {
        using var added = await Client.PostAsJsonAsync(Accounts, new { name = "Gate", provider = "openai-compatible", baseUrl = "http://gate.example/v1", apiKey = NewKey() }, Ct);
        var id = (await added.JsonAsync()).Text("id")!;
        var moved = new { name = "Moved", provider = "openai-compatible", baseUrl = World.Double.At("/openai/v1").ToString(), apiKey = NewKey(), version = 1 };
        World.Meanwhile = async () => (await Client.PutAsJsonAsync($"{Accounts}/{id}", moved, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var late = await Client.PutAsJsonAsync($"{Accounts}/{id}", new { name = "Gate", provider = "openai-compatible", baseUrl = "http://gate.example/v1", version }, Ct);
        await late.ShouldFailAsync(409, "model_account.changed");
        (await Client.GetJsonAsync($"{Accounts}/{id}")).Text("name").ShouldBe(World.Meanwhile is null ? "Moved" : "Gate", "another server's key stays with it");
    }

    [Fact]
    public async Task A_key_is_opened_with_the_address_it_was_entered_for()
    {
        var id = Guid.Parse((await AddAsync("Main", "openai", "/openai/v1", NewKey())).Text("id")!);
        var next = NewKey();
        var opened = await World.Host.Database.Tenants.InTransactionAsync(Tenant.Id, async session =>
        {
            var row = await AccountsApi.RowAsync(session, id);
            await ChangeAsync(id.ToString(), entry => { entry["baseUrl"] = "http://127.0.0.1:1/"; entry["apiKey"] = next; });
            return await World.Host.Services.GetRequiredService<ModelAccounts>().OpenAsync(session, row!);
        }, Ct);
        (opened!.Value.Row.Version, opened.Value.Account.BaseUrl, opened.Value.Account.Key).ShouldBe((2, new Uri("http://127.0.0.1:1/"), next));
    }

    [Fact]
    public async Task Of_two_who_save_settings_at_once_the_second_hears_of_the_first()
    {
        var configuration = World.Host.Services.GetRequiredService<Parley.Platform.Configuration.ConfigurationStore>();
        Task<HttpResponseMessage>? second = null;
        await World.Host.Database.Tenants.InTransactionAsync(Tenant.Id, async session =>
        {
            await configuration.SaveAndPublishAsync(session, ModelSettings.Kind, Tenant.Id, new ModelSettings { MaxAttempts = 1 }, null);
            second = Client.PutAsJsonAsync(Settings, new { settings = new { maxAttempts = 2 }, version = 0 }, Ct);
            await using var everything = await World.Host.Database.Everything.OpenConnectionAsync(Ct);
            while (!second.IsCompleted && !await everything.QuerySingleAsync<bool>(
                "select exists (select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))"))
                await Task.Delay(20, Ct);
        }, Ct);
        using var refused = await second!;
        await refused.ShouldFailAsync(409, "model_settings.changed");
        (await Client.GetJsonAsync(Settings)).GetProperty("settings").Int("maxAttempts").ShouldBe(1);
    }

    [Fact]
    public async Task An_account_that_serves_is_deleted_only_together_with_its_choices()
    {
        var (first, second) = ((await AddAsync("First", "openai", "/openai/v1", NewKey())).Text("id")!, (await AddAsync("Second", "openai", "/openai/v1", NewKey())).Text("id")!);
        await SavedAsync(new JsonObject { ["choices"] = new JsonArray(Choice("answer", "small", first, "gpt-6-luna"), Choice("embed", "small", first, "text-embedding-3-small"), Choice("answer", "small", second, "gpt-6-sol")) });
        (await Client.GetJsonAsync($"{Accounts}/{first}")).GetProperty("serves").EnumerateArray().Select(each => each.GetString()).ShouldBe(["answer small (gpt-6-luna)", "embed (text-embedding-3-small)"]);
        using (var refused = await Client.DeleteAsync($"{Accounts}/{first}", Ct))
        {
            (await refused.Content.ReadAsStringAsync(Ct)).ShouldContain("serves answer small (gpt-6-luna), embed (text-embedding-3-small).");
            await refused.ShouldFailAsync(409, "model_account.serves");
        }
        (await Client.DeleteAsync($"{Accounts}/{first}?removeChoices=true", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var settings = await Client.GetJsonAsync(Settings);
        (settings.Int("version"), settings.GetProperty("settings").GetProperty("choices").EnumerateArray().ShouldHaveSingleItem().Text("model")).ShouldBe((2, "gpt-6-sol"));
        using var back = await Client.PostAsJsonAsync(Settings + "/publish", new { version = 1 }, Ct);
        await back.ShouldFailAsync(400, "invalid", "choices[0].accountId");
    }
}
