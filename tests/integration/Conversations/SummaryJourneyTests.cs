using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Inference.Batches;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Testkit.Models;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

/// <summary>From a conversation that an agent closes to its summary beside it: over HTTP, by the schedule, the jobs and the provider's batches.</summary>
public sealed class SummaryJourneyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ModelsDouble _double = null!;
    private ParleyHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _double = await ModelsDouble.StartAsync();
        _host = await ParleyHost.StartAsync(postgres, services => services.AddSingleton(_ =>
            new GuardedHttp(new Parley.Platform.PlatformOptions { Objects = "", PrivateHosts = new Uri(_double.Address).Authority }, TimeProvider.System)));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _double.DisposeAsync();
    }

    [Fact]
    public async Task A_closed_conversation_gets_its_summary_for_agents_and_not_for_its_customer()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var account = await (await client.PostAsJsonAsync("/v1/models/accounts", new { name = "Main", provider = "anthropic", baseUrl = _double.At("/anthropic").ToString(), apiKey = "key-journey" }, Ct)).Content.ReadFromJsonAsync<JsonElement>(Ct);
        using (var saved = await client.PutAsJsonAsync("/v1/models/settings", new
        {
            settings = new { choices = new[] { new { feature = "summarise", tier = "small", accountId = account.GetProperty("id").GetGuid(), model = "claude-haiku-5-5" } } },
        }, Ct))
        {
            saved.IsSuccessStatusCode.ShouldBeTrue(await saved.Content.ReadAsStringAsync(Ct));
        }
        var visitor = await VisitorAsync(tenant);
        var conversation = await visitor.StartAsync("How do I export my data?");
        await visitor.SendAsync(conversation, "I cannot find it.");
        await visitor.SendAsync(conversation, "Is anybody there?");
        using (var closed = await client.PostAsJsonAsync($"/v1/conversations/{conversation}/close", new { resolved = true }, Ct))
        {
            closed.IsSuccessStatusCode.ShouldBeTrue(await closed.Content.ReadAsStringAsync(Ct));
        }

        JsonElement summary = default;
        for (var patience = 100; patience > 0 && summary.ValueKind != JsonValueKind.Object; patience--)
        {
            _host.Time.Advance(TimeSpan.FromMinutes(6));
            await BatchSchedule.RunAsync(_host.Services, Ct);
            await Task.Delay(200, Ct);
            summary = (await client.GetJsonAsync($"/v1/conversations/{conversation}")).GetProperty("summary");
        }
        summary.GetProperty("text").GetString()!.ShouldStartWith("The customer asked: How do I export my data?");
        summary.GetProperty("model").GetString().ShouldBe("claude-haiku-5-5");
        foreach (var path in new[] { "/v1/widget/conversations", $"/v1/widget/conversations/{conversation}/messages" })
        {
            (await visitor.Client.GetStringAsync(path, Ct)).ShouldNotContain("The customer asked");
        }
        var calls = (await client.GetJsonAsync("/v1/costs/calls?feature=summarise")).GetProperty("items").EnumerateArray().ToList();
        calls.ShouldHaveSingleItem().GetProperty("batch").GetBoolean().ShouldBeTrue();
        var saving = (await client.GetJsonAsync("/v1/costs/savings")).GetProperty("baselines").EnumerateArray().Single(each => each.GetProperty("name").GetString() == "no_batch");
        saving.GetProperty("saved").GetDecimal().ShouldBe(saving.GetProperty("paid").GetDecimal(), "half the price");
    }

    private async Task<Visitor> VisitorAsync(TestTenant tenant)
    {
        var defaults = await _host.Services.GetRequiredService<ConversationsBootstrap>().EnsureDefaultsAsync(tenant.Id, Ct);
        using var response = await _host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = defaults.PublicKey, locale = "en" }, Ct);
        var session = await response.JsonAsync();
        var token = session.GetProperty("token").GetString()!;
        return new Visitor(_host.Client(token), session.GetProperty("endUserId").GetGuid(), token);
    }
}
