using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Contracts;
using Parley.Platform.Authorization;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;

namespace Parley.Tests.Integration.Assistant;

/// <summary>A tenant with a little knowledge, talked to through the widget's API.</summary>
internal sealed record TurnWorld(HandoffWorld Support, Customer Customer)
{
    internal const string CronArticle = """
        # Cron jobs

        Cron jobs start a service on a schedule.

        ## Why a cron job does not run as scheduled

        A cron job is skipped when the previous execution is still running. Make sure that your process exits after it has finished its work.

        ## Time zone

        Schedules are in UTC. The shortest interval between two executions is five minutes.
        """;

    internal const string VolumeArticle = """
        # Volumes

        A volume keeps files across deployments.

        ## Resize a volume

        Open the settings of the volume and choose a larger size. Shrinking a volume is not possible.
        """;

    internal ParleyHost Host => Support.Host;

    internal Guid TenantId => Support.Tenant.Id;

    internal static async Task<TurnWorld> MakeAsync(ParleyHost host, bool knowledge = true)
    {
        var support = await HandoffWorld.MakeAsync(host);
        if (knowledge)
        {
            await ImportAsync(support, "docs", ("cron.md", CronArticle), ("volumes.md", VolumeArticle));
        }
        return new TurnWorld(support, await Customer.StartAsync(host, support.Defaults.PublicKey));
    }

    /// <summary>The same tenant and people, talking to another node.</summary>
    internal TurnWorld On(ParleyHost host)
    {
        var client = host.WithCookie(Support.Agent.Token);
        client.DefaultRequestHeaders.Add(Access.CsrfHeader, "1");
        return new TurnWorld(Support with { Host = host, Tenant = Support.Tenant with { Host = host }, Agent = Support.Agent with { Client = client } },
            Customer with { Client = host.Client(Customer.Token) });
    }

    /// <summary>Imports files as the console does; returns when they can be found.</summary>
    internal static async Task ImportAsync(HandoffWorld support, string name, params (string Path, string Text)[] files)
    {
        var client = support.Tenant.Operator();
        using var created = await client.PostAsJsonAsync("/v1/knowledge/imports", new { name, mode = "complete" });
        ((int)created.StatusCode).ShouldBe(201, await created.Content.ReadAsStringAsync());
        var id = (await created.JsonAsync()).GetProperty("id").GetGuid();
        using var form = new MultipartFormDataContent();
        foreach (var (path, text) in files)
        {
            var part = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            part.Headers.ContentType = new MediaTypeHeaderValue("text/markdown");
            form.Add(part, "files", path);
        }
        using var uploaded = await client.PostAsync($"/v1/knowledge/imports/{id}/files", form);
        ((int)uploaded.StatusCode).ShouldBe(200, await uploaded.Content.ReadAsStringAsync());
        using var started = await client.PostAsync($"/v1/knowledge/imports/{id}/start", null);
        ((int)started.StatusCode).ShouldBe(202, await started.Content.ReadAsStringAsync());
        await HandoffWorld.EventuallyAsync(async () => (await client.GetJsonAsync($"/v1/knowledge/imports/{id}")).GetProperty("state").GetString() == "succeeded", "the import");
    }
}

/// <summary>A visitor in a widget session.</summary>
internal sealed record Customer(HttpClient Client, string Token, Guid Conversation)
{
    internal static async Task<Customer> StartAsync(ParleyHost host, string publicKey)
    {
        using var session = await host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = publicKey, locale = "en" });
        ((int)session.StatusCode).ShouldBe(201, await session.Content.ReadAsStringAsync());
        var token = (await session.JsonAsync()).GetProperty("token").GetString()!;
        var client = host.Client(token);
        using var conversation = await client.PostAsJsonAsync("/v1/widget/conversations", new { });
        ((int)conversation.StatusCode).ShouldBe(201, await conversation.Content.ReadAsStringAsync());
        return new Customer(client, token, (await conversation.JsonAsync()).GetProperty("id").GetGuid());
    }

    /// <summary>Says something; returns the turn that will answer it.</summary>
    internal async Task<Guid?> SayAsync(string text)
    {
        using var sent = await Client.PostAsJsonAsync($"/v1/widget/conversations/{Conversation}/messages", new { text, clientId = Guid.CreateVersion7().ToString() });
        ((int)sent.StatusCode).ShouldBe(202, await sent.Content.ReadAsStringAsync());
        return (await sent.JsonAsync()).GetProperty("turnId") is { ValueKind: JsonValueKind.String } turn ? turn.GetGuid() : null;
    }

    internal async Task<IReadOnlyList<JsonElement>> MessagesAsync() =>
        [.. (await Client.GetJsonAsync($"/v1/widget/conversations/{Conversation}/messages?after=0")).GetProperty("items").EnumerateArray()];

    /// <summary>Says something and waits for what the assistant answers in that turn.</summary>
    internal async Task<JsonElement> AskAsync(string text)
    {
        var turn = (await SayAsync(text)).ShouldNotBeNull();
        JsonElement answer = default;
        await HandoffWorld.EventuallyAsync(async () =>
        {
            answer = (await MessagesAsync()).FirstOrDefault(m => m.GetProperty("authorKind").GetString() != "end_user" && m.GetProperty("turnId") is { ValueKind: JsonValueKind.String } t && t.GetGuid() == turn);
            return answer.ValueKind == JsonValueKind.Object;
        }, "an answer to '" + text + "'");
        return answer;
    }

    internal static string Text(JsonElement message) =>
        string.Join("\n\n", message.GetProperty("parts").EnumerateArray().Where(p => p.GetProperty("type").GetString() == "text").Select(p => p.GetProperty("content").GetProperty("text").GetString()));

    internal static IReadOnlyList<JsonElement> Quotes(JsonElement message) =>
        [.. message.GetProperty("parts").EnumerateArray().Where(p => p.GetProperty("type").GetString() == "quote").Select(p => p.GetProperty("content"))];
}
