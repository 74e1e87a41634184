using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Platform.Data;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;

namespace Parley.Tests.Integration.Escalations;

/// <summary>A tenant with agents who are always there, and customers' conversations.</summary>
internal sealed record HandoffWorld(ParleyHost Host, TestTenant Tenant, TenantDefaults Defaults, SignedIn Agent)
{
    internal static async Task<HandoffWorld> MakeAsync(ParleyHost host, bool always = true)
    {
        var tenant = await host.TenantAsync();
        var defaults = await host.Services.GetRequiredService<ConversationsBootstrap>().EnsureDefaultsAsync(tenant.Id, default);
        var world = new HandoffWorld(host, tenant, defaults, await tenant.MemberAsync("agent"));
        if (always)
        {
            await world.SettingsAsync(new { serviceHours = new { always = true } });
        }
        return world;
    }

    internal T Get<T>() where T : notnull => Host.Services.GetRequiredService<T>();

    internal Task<T> InAsync<T>(Func<TenantSession, Task<T>> work) => Host.Database.Tenants.InTransactionAsync(Tenant.Id, work, default);

    internal async Task SettingsAsync(object body)
    {
        using var response = await Tenant.Operator().PutAsJsonAsync("/v1/escalations/settings", body);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
    }

    /// <summary>An open conversation; each text is a message of the customer.</summary>
    internal Task<Guid> ConversationAsync(params string[] says) => InAsync(async s =>
    {
        var now = Host.Time.GetUtcNow();
        var (user, id) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        await s.ExecuteAsync("insert into end_users (tenant_id, id, name, created_at, seen_at) values (@tenant, @user, 'Robin', @now, @now)", new { tenant = s.TenantId, user, now });
        await s.ExecuteAsync("""
            insert into conversations (tenant_id, id, end_user_id, assistant_id, widget_id, created_at, updated_at)
            values (@tenant, @id, @user, @AssistantId, @WidgetId, @now, @now)
            """, new { tenant = s.TenantId, id, user, Defaults.AssistantId, Defaults.WidgetId, now });
        foreach (var text in says)
        {
            await Get<Messages>().AddAsync(s, new MessageDraft(id, Actor.EndUser(user), [MessagePart.OfText(text)]));
        }
        return id;
    });

    internal Task<HandoffView> RequestAsync(Guid conversation, params string[] reasons) => InAsync(async s =>
        (await Get<IHandoffs>().RequestAsync(s, new HandoffRequest(conversation, Actor.System, reasons.Length == 0 ? ["explicit_request"] : reasons))).Value);

    internal Task<ConversationState> StateAsync(Guid conversation) => InAsync(async s => (await ConversationStore.ReadAsync(s, conversation))!);

    /// <summary>What the customer reads: author kind and text.</summary>
    internal Task<IReadOnlyList<string>> ReadsAsync(Guid conversation) => InAsync<IReadOnlyList<string>>(async s =>
        [.. (await MessageReader.AfterAsync(s, conversation, 0, notes: false, 100)).Select(m => m.AuthorKind + ": " + m.PlainText())]);

    internal Task<IReadOnlyList<string>> EventsAsync(Guid conversation, string type = "handoff", string field = "state") => InAsync(s =>
        s.QueryAsync<string>("select data ->> @field from events where conversation_id = @conversation and type = @type order by seq", new { conversation, type, field }));

    internal Task<IReadOnlyList<string>> TransitionsAsync(Guid handoff) => InAsync(s =>
        s.QueryAsync<string>("select to_state from handoff_transitions where handoff_id = @handoff order by ordinal", new { handoff }));

    internal static async Task<JsonElement> PostAsync(HttpClient client, string path, object? body = null)
    {
        using var response = await client.PostAsJsonAsync(path, body ?? new { });
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>Waits for what a job does.</summary>
    internal static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 300; i++)
        {
            if (await holds())
            {
                return;
            }
            await Task.Delay(50);
        }
        throw new ShouldAssertException(what + " did not happen within 15 seconds.");
    }
}
