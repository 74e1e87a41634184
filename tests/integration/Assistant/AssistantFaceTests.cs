using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Escalations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Assistant;

/// <summary>What customers see and read of an assistant: its name, picture, tone and first words.</summary>
public sealed class AssistantFaceTests(PostgresFixture postgres) : IAsyncLifetime
{
    // One colour, 16 × 16.
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFUlEQVR42mNgKK4gDY1qGNUwfDUAAHgZ6wGya4DVAAAAAElFTkSuQmCC";

    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_picture_is_shown_to_customers_only_once_its_version_is_in_force()
    {
        var world = await HandoffWorld.MakeAsync(_host);
        var (client, id, key) = (world.Tenant.Operator(), world.Defaults.AssistantId, world.Defaults.PublicKey);
        foreach (var wrong in new[] { "", "no base64!", Convert.ToBase64String("<svg onload=alert(1)>"u8), Convert.ToBase64String(new byte[300_000]) })
        {
            using var refused = await client.PostAsJsonAsync($"/v1/assistants/{id}/avatars", new { data = wrong });
            await refused.ShouldFailAsync(400, "invalid", "data");
        }
        using (var forbidden = await world.Agent.Client.PostAsJsonAsync($"/v1/assistants/{id}/avatars", new { data = Picture }))
            await forbidden.ShouldFailAsync(403, "forbidden");
        var avatar = await AddAsync();
        (await AddAsync()).ShouldBe(avatar, "the same picture again");

        using (var own = await world.Agent.Client.GetAsync($"/v1/assistants/{id}/avatars/{avatar}"))
        {
            own.StatusCode.ShouldBe(HttpStatusCode.OK);
            own.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
            own.Headers.GetValues("Content-Security-Policy").Single().ShouldBe("default-src 'none'; sandbox");
            own.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
            own.Headers.GetValues("Cross-Origin-Resource-Policy").Single().ShouldBe("same-origin");
            Convert.ToBase64String(await own.Content.ReadAsByteArrayAsync()).ShouldBe(Picture);
        }
        var address = $"/v1/widget/avatar?key={key}&picture={avatar:N}";
        using (var draft = await _host.Client().GetAsync(address))
            await draft.ShouldFailAsync(404, "not_found");

        using (var unknown = await client.PutAsJsonAsync($"/v1/assistants/{id}/profile", new { avatarId = Guid.CreateVersion7() }))
            await unknown.ShouldFailAsync(400, "invalid", "avatarId");
        await ProfileAsync(client, id, new { name = "Ada", avatarId = avatar, avatarInitials = "AD", avatarColor = "#123456" });
        var config = await _host.Client().GetJsonAsync($"/v1/widget/config?key={key}");
        config.GetProperty("assistantName").GetString().ShouldBe("Ada");
        var face = config.GetProperty("avatar");
        (face.GetProperty("url").GetString(), face.GetProperty("initials").GetString(), face.GetProperty("color").GetString()).ShouldBe((address, "AD", "#123456"));
        using (var shown = await _host.Client().GetAsync(address))
            shown.StatusCode.ShouldBe(HttpStatusCode.OK);
        var stranger = await HandoffWorld.MakeAsync(_host);
        using (var foreign = await _host.Client().GetAsync($"/v1/widget/avatar?key={stranger.Defaults.PublicKey}&picture={avatar:N}"))
            await foreign.ShouldFailAsync(404, "not_found");
        using (var another = await stranger.Tenant.Operator().PutAsJsonAsync($"/v1/assistants/{stranger.Defaults.AssistantId}/profile", new { avatarId = avatar }))
            await another.ShouldFailAsync(400, "invalid", "avatarId");

        async Task<Guid> AddAsync()
        {
            using var added = await client.PostAsJsonAsync($"/v1/assistants/{id}/avatars", new { data = Picture });
            ((int)added.StatusCode).ShouldBe(201, await added.Content.ReadAsStringAsync());
            return (await added.JsonAsync()).GetProperty("id").GetGuid();
        }
    }

    [Fact]
    public async Task A_tone_and_first_words_reach_the_customer_in_the_widget_in_answers_and_in_the_handoff()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var (client, id, key) = (world.Support.Tenant.Operator(), world.Support.Defaults.AssistantId, world.Support.Defaults.PublicKey);
        (await WelcomeAsync("en")).ShouldBe("Hello! Ask me a question: I answer from our documentation, with its sources.", "as it was before there were tones");
        (await WelcomeAsync("de-AT")).ShouldStartWith("Hallo! Stellen Sie mir eine Frage");

        await ProfileAsync(client, id, new
        {
            tone = "friendly", suggestedQuestions = new[] { "How do I resize a volume?" }, threshold = 1.0,
            languages = new { es = new { greeting = "¡Buenas!", suggestedQuestions = new[] { "¿Qué es un volumen?" } } },
        });
        (await WelcomeAsync("de")).ShouldStartWith("Hallo! Stell mir eine Frage");
        var spanish = await _host.Client().GetJsonAsync($"/v1/widget/config?key={key}&locale=es-MX");
        (spanish.GetProperty("greeting").GetString(), spanish.GetProperty("suggestedQuestions")[0].GetString()).ShouldBe(("¡Buenas!", "¿Qué es un volumen?"));
        (await _host.Client().GetJsonAsync($"/v1/widget/config?key={key}&locale=de")).GetProperty("suggestedQuestions")[0].GetString().ShouldBe("How do I resize a volume?");

        Customer.Text(await world.Customer.AskAsync("hi")).ShouldBe("Hi! What can I help you with?");
        Customer.Text(await world.Customer.AskAsync("How do I resize a volume?")).ShouldStartWith("Sorry, I couldn't find an answer to that in our documentation.");
        using (var asked = await world.Customer.Client.PostAsJsonAsync($"/v1/widget/conversations/{world.Customer.Conversation}/handoff", new { }))
            ((int)asked.StatusCode).ShouldBeInRange(200, 202, await asked.Content.ReadAsStringAsync());
        var told = (await world.Customer.MessagesAsync()).Where(m => m.GetProperty("authorKind").GetString() == "system").Select(Customer.Text).Last();
        (told.StartsWith("Someone from our team has been asked to join. You're number", StringComparison.Ordinal) || told.StartsWith("I've passed your request on to our team.", StringComparison.Ordinal)).ShouldBeTrue(told);

        using (var strange = await client.PutAsJsonAsync($"/v1/assistants/{id}/profile", new { texts = new { en = new { cancelled = "Bye, {agent}" } } }))
            await strange.ShouldFailAsync(400, "invalid", "texts");
        await ProfileAsync(client, id, new { tone = "friendly", texts = new { en = new { cancelled = "As you like: place {position} is free again." } } });
        (await world.Customer.Client.DeleteAsync($"/v1/widget/conversations/{world.Customer.Conversation}/handoff")).EnsureSuccessStatusCode();
        (await world.Customer.MessagesAsync()).Where(m => m.GetProperty("authorKind").GetString() == "system").Select(Customer.Text).Last().ShouldBe("As you like: place 1 is free again.");

        async Task<string> WelcomeAsync(string locale) => (await _host.Client().GetJsonAsync($"/v1/widget/config?key={key}&locale={locale}")).GetProperty("greeting").GetString()!;
    }

    [Fact]
    public async Task The_playground_answers_under_any_saved_version()
    {
        var world = await TurnWorld.MakeAsync(_host);
        var (client, id) = (world.Support.Tenant.Operator(), world.Support.Defaults.AssistantId);
        using (var draft = await client.PostAsJsonAsync($"/v1/assistants/{id}/versions", new { profile = new { threshold = 1.0, tone = "technical" } }))
            ((int)draft.StatusCode).ShouldBe(201, await draft.Content.ReadAsStringAsync());
        (await AskAsync(null)).GetProperty("outcome").GetString().ShouldBe("answered");
        var tried = await AskAsync(1);
        (tried.GetProperty("outcome").GetString(), tried.GetProperty("profileVersion").GetInt32()).ShouldBe(("abstained", 1));
        tried.GetProperty("answer").GetString().ShouldStartWith("No answer found in the documentation.");
        (await AskAsync(0)).GetProperty("profileVersion").GetInt32().ShouldBe(0);
        using var none = await client.PostAsJsonAsync("/v1/assistant/ask", new { question = "hi", profileVersion = 7 });
        await none.ShouldFailAsync(400, "invalid", "profileVersion");
        using var negative = await client.PostAsJsonAsync("/v1/assistant/ask", new { question = "hi", profileVersion = -1 });
        await negative.ShouldFailAsync(400, "invalid", "profileVersion");

        async Task<JsonElement> AskAsync(int? profileVersion)
        {
            using var response = await client.PostAsJsonAsync("/v1/assistant/ask", new { question = "How do I resize a volume?", profileVersion });
            ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
            return await response.JsonAsync();
        }
    }

    private static async Task ProfileAsync(HttpClient client, Guid id, object profile)
    {
        using var saved = await client.PutAsJsonAsync($"/v1/assistants/{id}/profile", profile);
        ((int)saved.StatusCode).ShouldBe(200, await saved.Content.ReadAsStringAsync());
    }
}
