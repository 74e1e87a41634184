using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Integrations;

/// <summary>What a webhook may be, who may see what was sent, and what is kept of it.</summary>
public sealed class WebhookRuleTests(WebhookWorld world) : IClassFixture<WebhookWorld>, IAsyncLifetime
{
    private const string Message = "message.created";
    private Hooked _hooked = null!;
    private Visitor _visitor = null!;

    private ShiftableTime Time => world.Host.Time;

    public async ValueTask InitializeAsync()
    {
        world.Receiver.Answer(200);
        _hooked = await Hooked.CreateAsync(world);
        _visitor = await _hooked.Tenant.VisitorAsync();
    }

    public async ValueTask DisposeAsync() => await _hooked.RemoveAllAsync();

    [Theory]
    [InlineData("https://10.0.0.1/hook", "PARLEY_PRIVATE_HOSTS=10.0.0.1:443")]
    [InlineData("http://127.0.0.1:1/hook", "PARLEY_PRIVATE_HOSTS=127.0.0.1:1")]
    [InlineData("https://169.254.169.254/latest", "metadata")]
    [InlineData("http://93.184.216.34/hook", "Use https")]
    [InlineData("ftp://example.com/", "https://")]
    [InlineData("https://me:secret@example.com/", "user name")]
    [InlineData("https://example.com/#part", "#")]
    [InlineData("example.com/hook", "https://")]
    [InlineData("", "https://")]
    public async Task An_address_that_is_not_called_is_refused_with_its_mend(string url, string says)
    {
        using var response = await _hooked.Owner.PostAsJsonAsync("/v1/webhooks", new { url, events = new[] { Message } });
        await response.ShouldFailAsync(400, "invalid", "url");
        (await response.Content.ReadAsStringAsync()).ShouldContain(says);
    }

    [Fact]
    public async Task A_name_that_changes_its_address_later_reaches_nothing()
    {
        world.Rebinds = IPAddress.Parse("93.184.216.34");
        var hook = await _hooked.AddAsync($"https://rebinds.example:{world.Receiver.Address.Port}/", [Message]);
        world.Rebinds = IPAddress.Loopback;
        var before = world.Receiver.Received.Count;
        await _visitor.StartAsync("Hello");
        (await hook.UntilAttemptsAsync(1)).Single().String("lastError")!.ShouldContain("PARLEY_PRIVATE_HOSTS");
        world.Receiver.Received.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Events_that_do_not_exist_are_named()
    {
        using var response = await _hooked.Owner.PostAsJsonAsync("/v1/webhooks", new { url = "https://example.com/", events = new[] { Message, "message.creatd" } });
        await response.ShouldFailAsync(400, "invalid", "events");
        (await response.Content.ReadAsStringAsync()).ShouldContain("message.creatd");
        await (await _hooked.Owner.PostAsJsonAsync("/v1/webhooks", new { url = "https://example.com/", events = Array.Empty<string>() })).ShouldFailAsync(400, "invalid", "events");
    }

    [Fact]
    public async Task For_a_day_after_a_rotation_both_secrets_sign_and_then_only_the_new_one()
    {
        var hook = await _hooked.AddAsync(Message);
        var conversation = await _visitor.StartAsync("Before");
        await hook.ReceivedAsync(1);
        var secret = (await _hooked.PostAsync($"/v1/webhooks/{hook.Id}/secret")).GetProperty("secret").GetString()!;
        secret.ShouldNotBe(hook.Secret);
        await _visitor.SendAsync(conversation, "Both");
        var both = (await hook.ReceivedAsync(2))[1];
        both.IsSignedBy(hook.Secret).ShouldBeTrue();
        both.IsSignedBy(secret).ShouldBeTrue();
        Time.Advance(TimeSpan.FromHours(25));
        await _visitor.SendAsync(conversation, "New");
        var last = (await hook.ReceivedAsync(3))[2];
        last.IsSignedBy(hook.Secret).ShouldBeFalse();
        last.IsSignedBy(secret).ShouldBeTrue();
        // Neither is in the database in clear, and the old one not at all.
        (await _hooked.Tenant.QueryAsync<string>("select name from secrets where name like 'webhook:%'")).ShouldBe([$"webhook:{hook.Id}"]);
        (await hook.ViewAsync()).ToString().ShouldNotContain(secret);
    }

    [Fact]
    public async Task One_is_sent_again_with_its_id_and_all_that_were_given_up_are()
    {
        var hook = await _hooked.AddAsync(Message);
        var conversation = await _visitor.StartAsync("One");
        var delivered = (await hook.UntilAsync(all => all.Any(d => d.String("state") == "delivered"))).Single();
        await _hooked.PostAsync($"/v1/webhooks/deliveries/{delivered.GetProperty("id").GetGuid()}/replay");
        var twice = await hook.ReceivedAsync(2);
        twice[1].Id.ShouldBe(twice[0].Id);
        twice[1].Body.ShouldBe(twice[0].Body);

        world.Receiver.Answer(500);
        var since = Time.GetUtcNow();
        await _visitor.SendAsync(conversation, "Two");
        await hook.UntilAsync(all => all.Any(d => d.String("state") == "pending" && d.GetProperty("attempts").GetInt32() == 1));
        for (var attempt = 2; attempt <= 11; attempt++)
        {
            Time.Advance(TimeSpan.FromHours(10));
            Time.Advance(TimeSpan.FromHours(attempt > 8 ? 18 : 0));
            world.Receiver.Answer(attempt == 6 ? 404 : 500); // whatever the failure
            var wanted = attempt;
            // A success now and then: this one is to be given up, not switched off.
            await hook.UntilAsync(all => all.Any(d => d.GetProperty("attempts").GetInt32() == wanted));
            await _hooked.Tenant.QueryAsync<int>("update webhooks set failing_since = null where id = @Id returning 1", new { hook.Id });
        }
        (await hook.DeliveriesAsync("?state=failed")).Count.ShouldBe(1);
        (await hook.ViewAsync()).GetProperty("failed").GetInt32().ShouldBe(1);
        world.Receiver.Answer(200);
        (await _hooked.PostAsync($"/v1/webhooks/{hook.Id}/replay", new { since = Time.GetUtcNow() })).GetProperty("count").GetInt32().ShouldBe(0);
        (await _hooked.PostAsync($"/v1/webhooks/{hook.Id}/replay", new { since })).GetProperty("count").GetInt32().ShouldBe(1);
        await hook.UntilAsync(all => all.Count == 2 && all.All(d => d.String("state") == "delivered"));
    }

    [Fact]
    public async Task A_test_is_sent_at_once_also_when_it_is_off_and_is_not_repeated()
    {
        var hook = await _hooked.AddAsync(null, [Message], enabled: false);
        var tested = await _hooked.PostAsync($"/v1/webhooks/{hook.Id}/test");
        tested.String("state").ShouldBe("delivered");
        tested.GetProperty("payload").GetProperty("type").GetString().ShouldBe("webhook.test");
        var received = (await hook.ReceivedAsync(1)).Single();
        received.IsSignedBy(hook.Secret).ShouldBeTrue();
        received.Json.GetProperty("data").GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Nobody_sends_or_reads_by_it_what_they_may_not_read()
    {
        var hook = await _hooked.AddAsync(Message);
        await _visitor.StartAsync("A secret question");
        var delivery = (await hook.UntilAsync(all => all.Any(d => d.String("state") == "delivered"))).Single().GetProperty("id").GetGuid();
        var without = world.Host.Client((await _hooked.Tenant.Tenant.ApiKeyAsync("webhooks:read", "webhooks:write")).Key);
        await (await without.PostAsJsonAsync("/v1/webhooks", new { url = "https://example.com/", events = new[] { Message } })).ShouldFailAsync(403, "webhook.beyond_rights");
        await (await without.PatchAsJsonAsync($"/v1/webhooks/{hook.Id}", new { url = "https://example.com/" })).ShouldFailAsync(403, "webhook.beyond_rights");
        var hidden = await without.GetJsonAsync($"/v1/webhooks/deliveries/{delivery}");
        hidden.GetProperty("payload").ValueKind.ShouldBe(JsonValueKind.Null);
        hidden.ToString().ShouldNotContain("secret question");
        var with = world.Host.Client((await _hooked.Tenant.Tenant.ApiKeyAsync("webhooks:read", "conversations:read")).Key);
        (await with.GetJsonAsync($"/v1/webhooks/deliveries/{delivery}")).GetProperty("payload").ToString().ShouldContain("A secret question");
        (await _hooked.Owner.GetJsonAsync("/v1/audit?action=webhook.delivery_read")).GetProperty("items").GetArrayLength().ShouldBe(1, "the content was read once");
        foreach (var role in (string[])["agent", "viewer"])
        {
            await (await (await _hooked.Tenant.AgentAsync(role)).Client.GetAsync("/v1/webhooks")).ShouldFailAsync(403, "forbidden");
        }
        await (await (await _hooked.Tenant.AgentAsync("manager")).Client.DeleteAsync($"/v1/webhooks/{hook.Id}")).ShouldFailAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_customer_who_is_erased_is_erased_from_what_was_sent_and_a_month_later_so_is_everybody()
    {
        world.Receiver.Answer(200, body: "Thanks for canary-answer");
        var hook = await _hooked.AddAsync(Message);
        var other = await _hooked.Tenant.VisitorAsync();
        await _visitor.StartAsync("canary-question");
        await other.StartAsync("stays");
        await hook.UntilAsync(all => all.Count == 2 && all.All(d => d.String("state") == "delivered"));
        await _hooked.Tenant.QueryAsync<int>("delete from end_users where id = @id returning 1", new { id = _visitor.EndUserId });
        (await _hooked.Tenant.QueryAsync<string>("select body from webhook_deliveries")).Single().ShouldContain("stays");
        (await _hooked.Tenant.QueryAsync<int>("select count(*)::int from webhook_attempts")).Single().ShouldBe(1);

        await ExpireAsync();
        (await hook.DeliveriesAsync()).Count.ShouldBe(1);
        Time.Advance(TimeSpan.FromDays(31));
        await ExpireAsync();
        (await hook.DeliveriesAsync()).ShouldBeEmpty();
        (await _hooked.Tenant.QueryAsync<int>("select count(*)::int from webhook_attempts")).Single().ShouldBe(0);
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_is_not_overwritten()
    {
        var hook = await _hooked.AddAsync(Message);
        var seen = (await hook.ViewAsync()).GetProperty("version").GetInt32();
        await _hooked.PatchAsync(hook.Id, new { description = "Mine", version = seen });
        using var late = await _hooked.Owner.PatchAsJsonAsync($"/v1/webhooks/{hook.Id}", new { description = "Theirs", version = seen });
        await late.ShouldFailAsync(409, "webhook.changed");
        (await hook.ViewAsync()).String("description").ShouldBe("Mine");
    }

    private Task ExpireAsync() => world.Host.Database.System.ExecuteAsync("select webhooks_expire(@now)", new { now = Time.GetUtcNow() }, default);
}
