using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

public sealed class AnthropicChatTests(ModelWorld world)
    : ChatConformance(world, new Subject(ModelProviderKinds.Anthropic, "/anthropic", "claude-double", "claude-haiku-5-5")
    {
        Capabilities = new() { Images = true, TopK = true, Penalties = false, Thinking = ThinkingSupport.Effort, CachedPrompt = PromptCaching.Marked, Temperature = false, TopP = false },
    }), IClassFixture<ModelWorld>
{
    [Fact]
    public async Task The_key_is_the_accounts_and_not_one_of_the_environment()
    {
        Subject.DoubleOnly();
        var account = Subject.Account(World);
        // As an operator's shell may have it.
        Environment.SetEnvironmentVariable("ANTHROPIC_AUTH_TOKEN", "from-the-environment");
        Environment.SetEnvironmentVariable("ANTHROPIC_CUSTOM_HEADERS", "x-more: from-the-environment");
        try
        {
            await Chat(account).GetResponseAsync("hello", null, Ct);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ANTHROPIC_AUTH_TOKEN", null);
            Environment.SetEnvironmentVariable("ANTHROPIC_CUSTOM_HEADERS", null);
        }
        var headers = SeenOf(account).ShouldHaveSingleItem().Headers;
        headers["Authorization"].ShouldBe("Bearer " + account.Key);
        headers.Values.ShouldNotContain(value => value.Contains("from-the-environment", StringComparison.Ordinal));
        headers["anthropic-version"].ShouldBe("2026-10-21");
    }

    [Fact]
    public async Task An_older_model_is_told_how_many_tokens_it_may_think()
    {
        Subject.DoubleOnly();
        var account = Subject.Account(World);
        var options = new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low }, MaxOutputTokens = 4000 };
        var response = await Chat(account, capabilities: Subject.Capabilities with { Thinking = ThinkingSupport.Budget }).GetResponseAsync("hello", options, Ct);
        SeenOf(account).Single().Body.GetProperty("thinking").GetProperty("budget_tokens").GetInt32().ShouldBe(1024);
        response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Five_cache_marks_are_one_too_many()
    {
        Subject.DoubleOnly();
        var account = Subject.Account(World);
        List<ChatMessage> messages = [new(ChatRole.User, [.. Enumerable.Range(1, 5).Select(i => (AIContent)new TextContent($"part {i}").CacheUpToHere())])];
        (await ModelFaults.OfAsync(() => Chat(account).GetResponseAsync(messages, null, Ct), account)).Fault.ShouldBe(ModelFault.Invalid);
    }
}

public sealed class OpenAiChatTests(ModelWorld world)
    : ChatConformance(world, new Subject(ModelProviderKinds.OpenAi, "/openai/v1", "gpt-double", "gpt-6-luna")
    {
        Capabilities = new() { Images = true, Thinking = ThinkingSupport.Effort, ThinkingWithTools = false, CachedPrompt = PromptCaching.Automatic },
    }), IClassFixture<ModelWorld>
{
    [Fact]
    public async Task A_temperature_goes_to_a_model_that_takes_one()
    {
        Subject.DoubleOnly();
        var account = Subject.Account(World);
        var response = await Chat(account).GetResponseAsync("hello", new ChatOptions { Temperature = .25f }, Ct);
        DroppedParameters.Of(response).ShouldBeEmpty();
        SeenOf(account).ShouldHaveSingleItem().Body.GetProperty("temperature").GetDouble().ShouldBe(.25, .001);
    }

    [Fact]
    public async Task A_model_that_cannot_think_and_call_at_once_is_told_not_to_think()
    {
        Subject.DoubleOnly();
        var account = Subject.Account(World);
        var tool = AIFunctionFactory.Create((string city) => city, "look");
        await Chat(account).GetResponseAsync("call look {\"city\":\"Oslo\"}", new ChatOptions { Tools = [tool] }, Ct);
        SeenOf(account).Single().Body.GetProperty("reasoning_effort").GetString().ShouldBe("none");
    }
}

public sealed class OpenAiCompatibleChatTests(ModelWorld world)
    : ChatConformance(world, new Subject(ModelProviderKinds.OpenAiCompatible, "/openai/v1", "llama-double", "")
    {
        Capabilities = new() { Images = true, TopK = true, CachedPrompt = PromptCaching.Automatic },
    }), IClassFixture<ModelWorld>
{
    [Fact]
    public async Task A_model_that_does_not_stream_answers_in_one_piece()
    {
        Subject.DoubleOnly();
        var account = Subject.Account(World);
        var can = Subject.Capabilities with { Streaming = false, Temperature = false };
        var pieces = await AllAsync(Chat(account, capabilities: can), [new(ChatRole.User, "hello there")], new ChatOptions { Temperature = .2f });
        DroppedParameters.Of(pieces[0]).ShouldBe(["Temperature"]);
        pieces.ToChatResponse().Text.ShouldBe("You said: hello there");
        SeenOf(account).Single().Body.TryGetProperty("stream", out var stream).ShouldBe(stream.ValueKind == System.Text.Json.JsonValueKind.False);
    }
}

/// <summary>Google's endpoint, which is compatible in its own way.</summary>
public sealed class GeminiChatTests(ModelWorld world)
    : ChatConformance(world, new Subject(ModelProviderKinds.OpenAiCompatible, "/openai/v1", "gemini-double", "gemini-3.5-flash-lite")
    {
        Capabilities = new() { Images = true, Thinking = ThinkingSupport.Effort, Penalties = false, CachedPrompt = PromptCaching.Automatic }, Variable = "PARLEY_TEST_GEMINI",
    }), IClassFixture<ModelWorld>;
