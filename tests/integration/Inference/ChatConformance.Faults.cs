using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>What must happen when a provider does not do what it must.</summary>
public abstract partial class ChatConformance
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    private static readonly ModelTimeouts Impatient = new() { FirstToken = Short, BetweenTokens = TimeSpan.FromSeconds(30), Whole = TimeSpan.FromSeconds(60) };

    public static TheoryData<string, ModelFault, bool, bool> StatusesBothWays
    {
        get
        {
            TheoryData<string, ModelFault, bool, bool> both = [];
            foreach (var row in ModelFaults.OfStatus)
            {
                both.Add(row.Data.Item1, row.Data.Item2, row.Data.Item3, false);
                both.Add(row.Data.Item1, row.Data.Item2, row.Data.Item3, true);
            }
            return both;
        }
    }

    [Theory]
    [MemberData(nameof(StatusesBothWays))]
    public async Task Says_what_a_status_means_after_one_call(string fault, ModelFault meaning, bool retryable, bool stream)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        var e = await ModelFaults.OfAsync(() => AskAsync(Chat(account), Asked, null, stream), account);
        e.ShouldMean(fault, meaning, retryable);
        SeenOf(account).Count.ShouldBe(1, "an SDK that repeats a call pays twice and hides it");
    }

    [Theory]
    [InlineData("cut", ModelFault.Cut)]
    [InlineData("ends-early", ModelFault.Cut)]
    [InlineData("malformed", ModelFault.Malformed)]
    [InlineData("stall", ModelFault.Stalled)]
    [InlineData("error-event", null)]
    public async Task Says_how_a_stream_broke_and_that_a_part_was_out(string fault, ModelFault? meaning)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        var timeouts = fault == "stall" ? ModelWorld.Patient with { BetweenTokens = Short } : null;
        var said = "";
        var e = await ModelFaults.OfAsync(
            async () =>
            {
                await foreach (var update in Chat(account, timeouts: timeouts).GetStreamingResponseAsync(Asked, null, Ct))
                {
                    said += update.Text;
                }
            },
            account);
        said.ShouldStartWith("Zanzibar exports");
        e.HasOutput.ShouldBeTrue();
        e.IsRetryable.ShouldBeFalse("the customer has read the beginning of another answer");
        e.MayBeBilled.ShouldBeTrue();
        // A provider without error events of its own just ends.
        (e.Fault == meaning || (meaning is null && e.Fault is ModelFault.Overloaded or ModelFault.ServerError or ModelFault.Cut or ModelFault.Malformed)).ShouldBeTrue(e.Message);
    }

    [Theory]
    [InlineData("slow", true)]
    [InlineData("slow-first-token", true)]
    [InlineData("slow", false)]
    public async Task Waits_only_so_long(string fault, bool stream)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        var timeouts = stream ? Impatient : new ModelTimeouts { FirstToken = Short, BetweenTokens = Short, Whole = Short };
        var e = await ModelFaults.OfAsync(() => AskAsync(Chat(account, timeouts: timeouts), Asked, null, stream), account);
        (e.Fault, e.IsRetryable, e.HasOutput).ShouldBe((ModelFault.Timeout, true, false), e.Message);
        await world.Double.AbandonedBy(account.Key).WaitAsync(TimeSpan.FromSeconds(30), Ct);
        e.Message.ShouldContain(stream ? "No first token within 0.15 s" : "longer than 0.15 s");
    }

    [Theory]
    [InlineData("cut", ModelFault.Cut)]
    [InlineData("malformed", ModelFault.Malformed)]
    public async Task Says_how_a_whole_answer_broke(string fault, ModelFault meaning)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        var e = await ModelFaults.OfAsync(() => Chat(account).GetResponseAsync(Asked, null, Ct), account);
        (e.Fault, e.IsRetryable).ShouldBe((meaning, true), e.Message);
    }

    [Theory]
    [InlineData("empty", ModelFault.Empty, true)]
    [InlineData("refused", ModelFault.Refused, false)]
    [InlineData("html", ModelFault.Malformed, true)]
    public async Task An_answer_that_says_nothing_is_none(string fault, ModelFault meaning, bool retryable)
    {
        subject.DoubleOnly();
        foreach (var stream in new[] { false, true })
        {
            var account = subject.Account(world, fault);
            var e = await ModelFaults.OfAsync(() => AskAsync(Chat(account), Asked, null, stream), account);
            (e.Fault, e.IsRetryable, e.HasOutput).ShouldBe((meaning, retryable, false), e.Message);
        }
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_named()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var e = await ModelFaults.OfAsync(() => Chat(account, "missing-1").GetResponseAsync(Asked, null, Ct), account);
        (e.Fault, e.Model).ShouldBe((ModelFault.ModelNotFound, "missing-1"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        subject.DoubleOnly();
        var account = subject.Account(world) with { BaseUrl = new Uri("http://127.0.0.1:1/v1") };
        var e = await ModelFaults.OfAsync(() => Chat(account).GetResponseAsync(Asked, null, Ct), account);
        (e.Fault, e.IsRetryable).ShouldBe((ModelFault.Unreachable, true));
        e.Message.ShouldContain("127.0.0.1:1 cannot be reached: nothing listens there");
    }

    [Fact]
    public async Task A_private_address_is_refused_and_the_mend_is_named()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var e = await ModelFaults.OfAsync(() => Chat(account, providers: world.StrictProviders).GetResponseAsync(Asked, null, Ct), account);
        (e.Fault, e.IsRetryable).ShouldBe((ModelFault.Unreachable, false));
        e.Message.ShouldContain("PARLEY_PRIVATE_HOSTS=127.0.0.1:");
        SeenOf(account).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_parameter_that_the_model_does_not_take_is_not_sent_and_is_shown(bool stream)
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var options = new ChatOptions { Temperature = .2f, TopP = .9f, TopK = 50, FrequencyPenalty = .3f };
        var can = subject.Capabilities with { Temperature = false, TopP = false, TopK = false, Penalties = false };
        var chat = Chat(account, subject.Model + "-fixed", can);
        var dropped = stream ? DroppedParameters.Of((await AllAsync(chat, Asked, options))[0]) : DroppedParameters.Of(await chat.GetResponseAsync(Asked, options, Ct));
        dropped.ShouldBe(["Temperature", "TopP", "TopK", "FrequencyPenalty"]);
        var sent = SeenOf(account).ShouldHaveSingleItem().Body;
        foreach (var name in new[] { "temperature", "top_p", "top_k", "frequency_penalty" })
        {
            sent.TryGetProperty(name, out _).ShouldBeFalse(name);
        }
        options.Temperature.ShouldBe(.2f, "the caller's options are the caller's");
    }

    [Fact]
    public async Task The_limit_of_the_answer_is_sent_once_by_the_name_that_the_provider_knows()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        await Chat(account).GetResponseAsync(Asked, new ChatOptions { MaxOutputTokens = 321 }, Ct);
        var sent = SeenOf(account).ShouldHaveSingleItem().Body;
        new[] { "max_tokens", "max_completion_tokens" }.Count(name => sent.TryGetProperty(name, out var limit) && limit.GetInt32() == 321).ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_capability_is_said_to_be_one()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var e = await ModelFaults.OfAsync(() => Chat(account, subject.Model + "-plain").GetResponseAsync(Asked, new ChatOptions { Tools = [Weather] }, Ct), account);
        (e.Fault, e.IsRetryable).ShouldBe((ModelFault.Invalid, false));
        e.Message.ShouldContain("capabilities");
    }

    [Fact]
    public async Task Tools_and_thinking_are_not_sent_to_a_model_without_them()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var options = new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireAny, Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } };
        var can = subject.Capabilities with { Tools = false, Thinking = ThinkingSupport.None };
        var response = await Chat(account, subject.Model + "-plain", can).GetResponseAsync(Asked, options, Ct);
        DroppedParameters.Of(response).ShouldBe(["Tools", "Reasoning"]);
    }

    [Fact]
    public async Task Thinking_is_asked_for_in_the_models_way_and_is_counted()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var options = new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low }, Temperature = .2f, MaxOutputTokens = 4000 };
        var response = (await AllAsync(Chat(account, capabilities: subject.Capabilities with { Thinking = ThinkingSupport.Effort }), Asked, options)).ToChatResponse();
        response.Text.ShouldContain("ninety");
        var sent = SeenOf(account).ShouldHaveSingleItem().Body;
        (sent.TryGetProperty("thinking", out _) || sent.TryGetProperty("reasoning_effort", out _)).ShouldBeTrue();
        sent.TryGetProperty("temperature", out _).ShouldBeFalse("models that think refuse it");
        ModelUsage.From(response.Usage)!.OutputTokens.ShouldBeGreaterThan((response.Text.Length + 3) / 4);
    }

    [Fact]
    public async Task An_image_for_a_model_that_reads_none_is_refused_before_the_call()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        List<ChatMessage> messages = [new(ChatRole.User, [new DataContent(Pixel, "image/png")])];
        var e = await ModelFaults.OfAsync(() => Chat(account, capabilities: subject.Capabilities with { Images = false }).GetResponseAsync(messages, null, Ct), account);
        e.Fault.ShouldBe(ModelFault.Invalid);
        SeenOf(account).ShouldBeEmpty();
    }
}
