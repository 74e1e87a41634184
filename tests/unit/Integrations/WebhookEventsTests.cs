using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Conversations.Contracts;
using Parley.Integrations.Webhooks;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Integrations;

public sealed class WebhookEventsTests
{
    /// <summary>Drafts and what was found before an answer are steps, not events that others build on.</summary>
    private static readonly Type[] NotTold = [typeof(SourcesFound), typeof(DraftReplaced)];

    [Fact]
    public void Every_event_of_a_conversation_leaves_as_something_or_is_named_here()
    {
        foreach (var (name, type) in EventCatalogue.Types)
        {
            var logged = (ConversationEvent)JsonSerializer.Deserialize("""{"visibility":"public","by":"","owner":"","class":"","state":"","reasons":[],"outcome":"","code":"","text":"","channel":"","sources":[],"reason":""}""", type, ConversationJson.Options)!;
            (WebhookEvents.TypeOf(logged) is null).ShouldBe(NotTold.Contains(type), name);
            if (WebhookEvents.TypeOf(logged) is { } told) WebhookEvents.Subscribable.ShouldContain(told);
        }
    }

    [Fact]
    public void A_note_is_a_type_of_its_own_so_that_who_did_not_ask_for_notes_gets_none()
    {
        WebhookEvents.TypeOf(new MessagePosted(Guid.Empty, Visibility.Note)).ShouldBe("note.created");
        WebhookEvents.TypeOf(new MessagePosted(Guid.Empty, Visibility.Public)).ShouldBe("message.created");
    }

    [Fact]
    public void The_schema_names_exactly_what_is_sent()
    {
        var test = WebhookEvents.All.Single(type => type.Type == WebhookEvents.Test);
        var body = JsonNode.Parse(WebhookRendering.Body(Guid.CreateVersion7(), Guid.CreateVersion7(), WebhookEvents.Test, new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), new WebhookTestData("x")))!.AsObject();
        Names(test.Schema.GetProperty("properties")).ShouldBe(body.Select(p => p.Key), ignoreOrder: true);
        Names(test.Schema.GetProperty("properties").GetProperty("data").GetProperty("properties")).ShouldBe(["message"]);
        test.Schema.GetProperty("properties").GetProperty("type").GetProperty("const").GetString().ShouldBe(WebhookEvents.Test);
        body["id"]!.GetValue<string>().ShouldNotContain(".", customMessage: "dots part what is signed");
        foreach (var type in WebhookEvents.All)
        {
            var properties = Names(type.Schema.GetProperty("properties"));
            type.Schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ShouldBe(properties, ignoreOrder: true, type.Type);
            type.Schema.GetProperty("properties").GetProperty("id").GetProperty("description").GetString().ShouldNotBeNullOrEmpty();
        }
    }

    private static List<string> Names(JsonElement properties) => [.. properties.EnumerateObject().Select(property => property.Name)];
}
