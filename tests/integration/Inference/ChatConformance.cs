using System.Text.Json;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Testkit.Models;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>What every provider of chat models must do, and what must happen when it does not. One subclass a provider.</summary>
public abstract partial class ChatConformance(ModelWorld world, Subject subject)
{
    private const string Passages = "[7] Zanzibar exports are kept for ninety days. The moon is far away.\n\n[8] Invoices are sent monthly.";
    private const string Question = "How long are Zanzibar exports kept?";

    /// <summary>A PNG of one pixel.</summary>
    private static readonly byte[] Pixel = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static readonly AIFunctionDeclaration Weather = Function("get_weather", "city");
    private static readonly AIFunctionDeclaration Clock = Function("get_time", "zone");

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected ModelWorld World => world;

    protected Subject Subject => subject;

    private static List<ChatMessage> Asked => [new(ChatRole.System, Passages), new(ChatRole.User, Question)];

    [Fact]
    public void Real_service() => subject.LiveOnly();

    [Fact]
    public async Task Answers_in_one_piece()
    {
        var response = await Chat().GetResponseAsync(Asked, new ChatOptions { MaxOutputTokens = 500 }, Ct);
        response.Text.ShouldContain("ninety");
        response.FinishReason.ShouldBe(ChatFinishReason.Stop);
        var usage = ModelUsage.From(response.Usage).ShouldNotBeNull();
        usage.InputTokens.ShouldBeGreaterThan(10);
        usage.OutputTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Answers_piece_by_piece()
    {
        var pieces = await AllAsync(Chat(), Asked, new ChatOptions { MaxOutputTokens = 500 });
        pieces.Count(piece => piece.Text.Length > 0).ShouldBeGreaterThan(1);
        var response = pieces.ToChatResponse();
        response.Text.ShouldContain("ninety");
        response.FinishReason.ShouldBe(ChatFinishReason.Stop);
        ModelUsage.From(response.Usage).ShouldNotBeNull().OutputTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Both_ways_give_the_same_text_and_bill_exactly_what_the_provider_counted()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var whole = await Chat(account).GetResponseAsync(Asked, null, Ct);
        var once = world.Double.BilledTo(account.Key);
        var streamed = (await AllAsync(Chat(account), Asked)).ToChatResponse();
        whole.Text.ShouldBe("Zanzibar exports are kept for ninety days. [7]");
        streamed.Text.ShouldBe(whole.Text);
        var usage = ModelUsage.From(whole.Usage).ShouldNotBeNull();
        usage.OutputTokens.ShouldBe((whole.Text.Length + 3) / 4);
        (usage.InputTokens, usage.CachedReadTokens, usage.CacheWriteTokens, usage.OutputTokens).ShouldBe((once.Input, once.CachedRead, once.CacheWrite, once.Output));
        ModelUsage.From(streamed.Usage).ShouldBe(usage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_a_tool_and_uses_its_result(bool stream)
    {
        List<ChatMessage> messages = [new(ChatRole.User, "Use the tool, once:\ncall get_weather {\"city\":\"Oslo\"}")];
        var options = new ChatOptions { Tools = [Weather], MaxOutputTokens = 500 };
        var first = await AskAsync(Chat(), messages, options, stream);
        first.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        var call = Calls(first).ShouldHaveSingleItem();
        (call.Name, call.Arguments!["city"]!.ToString()).ShouldBe(("get_weather", "Oslo"));
        messages.AddRange(first.Messages);
        messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "minus four degrees")]));
        (await AskAsync(Chat(), messages, options, stream)).Text.ShouldContain("four");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_several_tools_at_once(bool stream)
    {
        List<ChatMessage> messages = [new(ChatRole.User, "Call both tools at once:\ncall get_weather {\"city\":\"Oslo\"}\ncall get_time {\"zone\":\"CET\"}")];
        var options = new ChatOptions { Tools = [Weather, Clock], AllowMultipleToolCalls = true, MaxOutputTokens = 500 };
        var first = await AskAsync(Chat(), messages, options, stream);
        var calls = Calls(first);
        calls.Select(call => call.Name).ShouldBe(["get_weather", "get_time"], ignoreOrder: true);
        calls.Select(call => call.CallId).Distinct().Count().ShouldBe(2);
        calls.Single(call => call.Name == "get_time").Arguments!["zone"]!.ToString().ShouldBe("CET");
        messages.AddRange(first.Messages);
        messages.Add(new ChatMessage(ChatRole.Tool, [.. calls.Select(call => new FunctionResultContent(call.CallId, call.Name == "get_time" ? "noon" : "snow"))]));
        var answer = (await AskAsync(Chat(), messages, options, stream)).Text;
        answer.ShouldContain("noon");
        answer.ShouldContain("snow");
    }

    [Fact]
    public async Task Calls_one_tool_at_a_time_when_told()
    {
        List<ChatMessage> messages = [new(ChatRole.User, "call get_weather {\"city\":\"Oslo\"}\ncall get_time {\"zone\":\"CET\"}")];
        var options = new ChatOptions { Tools = [Weather, Clock], ToolMode = ChatToolMode.Auto, AllowMultipleToolCalls = false, MaxOutputTokens = 500 };
        Calls(await Chat().GetResponseAsync(messages, options, Ct)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Counts_what_came_from_the_cache()
    {
        var account = subject.Account(world);
        // A beginning of its own for every run, longer than the longest minimum that a provider has.
        var rules = new TextContent($"Rules of {Guid.CreateVersion7()}. " + string.Join(" ", Enumerable.Range(1, 1500).Select(i => $"Rule {i} of the house."))).CacheUpToHere();
        ModelUsage? first = null;
        for (var call = 0; call < 2; call++)
        {
            var question = new ChatMessage(ChatRole.User, call == 0 ? "How many rules are there?" : "Which rule is the last?");
            var usage = ModelUsage.From((await Chat(account).GetResponseAsync([new(ChatRole.System, [rules]), question], new ChatOptions { MaxOutputTokens = 500 }, Ct)).Usage).ShouldNotBeNull();
            if (first is null)
            {
                first = usage;
                usage.CachedReadTokens.ShouldBe(0);
                if (subject.Capabilities.CachedPrompt == PromptCaching.Marked)
                {
                    usage.CacheWriteTokens.ShouldBeGreaterThan(1024);
                }
                continue;
            }
            usage.CachedReadTokens.ShouldBeGreaterThan(1024);
            // Providers that cache by themselves write the part of the question that fills a step.
            usage.CacheWriteTokens.ShouldBeLessThan(256);
            Math.Abs(Prompt(usage) - Prompt(first)).ShouldBeLessThan(20);
            if (subject.LiveKey is null)
            {
                var billed = world.Double.BilledTo(account.Key);
                (first.InputTokens + usage.InputTokens, usage.CachedReadTokens, first.CacheWriteTokens + usage.CacheWriteTokens).ShouldBe((billed.Input, billed.CachedRead, billed.CacheWrite));
            }
        }

        static long Prompt(ModelUsage usage) => usage.InputTokens + usage.CachedReadTokens + usage.CacheWriteTokens;
    }

    [Fact]
    public async Task Over_many_turns_the_sum_of_what_was_metered_is_the_providers_bill()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        List<ChatMessage> history = [new(ChatRole.System, [new TextContent(string.Join(" ", Enumerable.Range(1, 400).Select(i => $"Rule {i} of the house."))).CacheUpToHere()])];
        var sum = new Billed();
        for (var turn = 0; turn < 40; turn++)
        {
            // A prompt whose beginning grows, and now and then changes, streamed every other time.
            history.Add(new ChatMessage(ChatRole.User, [turn % 9 == 0 ? new TextContent($"Question {turn}").CacheUpToHere() : new TextContent($"Question {turn}, how is Zanzibar?")]));
            if (turn % 13 == 12)
            {
                history.RemoveRange(1, history.Count - 2);
            }
            foreach (var content in history.SkipLast(1).Skip(1).SelectMany(message => message.Contents))
            {
                content.AdditionalProperties = null; // at most four marks
            }
            var response = await AskAsync(Chat(account), history, null, stream: turn % 2 == 0);
            history.AddRange(response.Messages);
            var usage = ModelUsage.From(response.Usage).ShouldNotBeNull();
            sum = new Billed
            {
                Input = sum.Input + usage.InputTokens, CachedRead = sum.CachedRead + usage.CachedReadTokens, CacheWrite = sum.CacheWrite + usage.CacheWriteTokens, Output = sum.Output + usage.OutputTokens,
            };
        }
        sum.ShouldBe(world.Double.BilledTo(account.Key));
        sum.CachedRead.ShouldBeGreaterThan(sum.Input, "the test is about cached tokens");
    }

    [Fact]
    public async Task Reads_images()
    {
        List<ChatMessage> messages = [new(ChatRole.User, [new TextContent("Which format has this image?"), new DataContent(Pixel, "image/png")])];
        var text = (await Chat().GetResponseAsync(messages, new ChatOptions { MaxOutputTokens = 500 }, Ct)).Text;
        if (subject.LiveKey is null)
        {
            text.ShouldBe($"I see one image/png of {Pixel.Length} bytes.");
        }
        text.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Answers_in_a_given_form()
    {
        var schema = JsonDocument.Parse("""{"type":"object","properties":{"score":{"type":"number"},"why":{"type":"string"}},"required":["score","why"],"additionalProperties":false}""").RootElement;
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "judgement"), MaxOutputTokens = 500 };
        var answer = JsonDocument.Parse((await Chat().GetResponseAsync([new(ChatRole.User, "Judge this sentence: water is wet.")], options, Ct)).Text).RootElement;
        answer.GetProperty("score").ValueKind.ShouldBe(JsonValueKind.Number);
        answer.GetProperty("why").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task Stops_when_the_caller_has_enough()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var account = subject.Account(world, "stall");
        var pieces = Chat(account).GetStreamingResponseAsync(Asked, null, enough.Token);
        var seen = 0;
        var e = await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var piece in pieces)
            {
                if (piece.Text.Length > 0 && seen++ == 0)
                {
                    await enough.CancelAsync();
                }
            }
        });
        e.ShouldNotBeNull();
        seen.ShouldBeGreaterThan(0);
        if (subject.LiveKey is null)
        {
            // The provider must see it too: what it goes on writing is paid.
            await world.Double.AbandonedBy(account.Key).WaitAsync(TimeSpan.FromSeconds(30), Ct);
        }
    }

    internal IChatClient Chat(ModelAccount? account = null, string? model = null, ModelCapabilities? capabilities = null, ModelTimeouts? timeouts = null, ModelProviders? providers = null) =>
        (providers ?? world.Providers).Chat(account ?? subject.Account(world), model ?? subject.AskedModel, capabilities ?? subject.Capabilities, timeouts ?? ModelWorld.Patient);

    protected static async Task<ChatResponse> AskAsync(IChatClient chat, IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream) =>
        stream ? (await AllAsync(chat, messages, options)).ToChatResponse() : await chat.GetResponseAsync(messages, options, Ct);

    protected static async Task<List<ChatResponseUpdate>> AllAsync(IChatClient chat, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        List<ChatResponseUpdate> all = [];
        await foreach (var update in chat.GetStreamingResponseAsync(messages, options, Ct))
        {
            all.Add(update);
        }
        return all;
    }

    /// <summary>What the double was asked with this account's key.</summary>
    protected IReadOnlyList<SeenRequest> SeenOf(ModelAccount account) =>
        [.. world.Double.Requests.Where(request => request.Headers.Values.Any(value => value.EndsWith(account.Key, StringComparison.Ordinal)))];

    private static List<FunctionCallContent> Calls(ChatResponse response) => [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];

    private static AIFunctionDeclaration Function(string name, string parameter) => AIFunctionFactory.CreateDeclaration(
        name, "For tests.", JsonDocument.Parse($$$"""{"type":"object","properties":{"{{{parameter}}}":{"type":"string"}},"required":["{{{parameter}}}"]}""").RootElement);
}
