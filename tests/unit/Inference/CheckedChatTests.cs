using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>The clocks of a call, with a clock that the test moves.</summary>
public sealed class CheckedChatTests
{
    private readonly ManualTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_slow_reader_is_not_a_stalled_provider()
    {
        var text = "";
        await foreach (var update in Chat(_ => Task.CompletedTask, _ => Task.CompletedTask).GetStreamingResponseAsync("?", cancellationToken: Ct))
        {
            text += update.Text;
            _time.Advance(TimeSpan.FromSeconds(11)); // more than between two pieces, less than the whole
        }
        text.ShouldBe("one two");
    }

    [Fact]
    public async Task What_comes_in_time_is_taken_although_all_of_it_takes_longer_than_one_limit()
    {
        var updates = await Chat(Elapses(19), Elapses(9)).GetStreamingResponseAsync("?", cancellationToken: Ct).ToListAsync(Ct);
        updates.ToChatResponse().Text.ShouldBe("one two");
    }

    [Fact]
    public async Task Without_a_first_piece_in_time_the_call_ends()
    {
        var e = await FaultOf(Chat(Elapses(21), Elapses(0)));
        (e.Fault, e.HasOutput, e.IsRetryable, e.MayBeBilled).ShouldBe((ModelFault.Timeout, false, true, true));
        e.Message.ShouldContain("No first token within 20 s");
    }

    [Fact]
    public async Task Without_a_next_piece_in_time_the_call_ends()
    {
        var e = await FaultOf(Chat(Elapses(1), Elapses(11)));
        (e.Fault, e.HasOutput, e.IsRetryable).ShouldBe((ModelFault.Stalled, true, false));
        e.Message.ShouldContain("stood still for 10 s");
    }

    [Fact]
    public async Task The_whole_has_its_limit_too()
    {
        var e = await FaultOf(Chat(Elapses(19), Elapses(9), Elapses(9), Elapses(9)));
        (e.Fault, e.HasOutput).ShouldBe((ModelFault.Timeout, true));
        e.Message.ShouldContain("longer than 40 s");
    }

    [Fact]
    public async Task A_mistake_of_ours_is_not_blamed_on_the_provider() =>
        await Should.ThrowAsync<NotSupportedException>(() => Chat(_ => throw new NotSupportedException("ours")).GetStreamingResponseAsync("?", cancellationToken: Ct).ToListAsync(Ct).AsTask());

    [Fact]
    public async Task What_an_SDK_says_is_not_repeated()
    {
        var e = await FaultOf(Chat(_ => throw new InvalidOperationException("the prompt was: secret")));
        e.Fault.ShouldBe(ModelFault.Malformed);
        e.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task Thinking_is_a_piece_but_not_output()
    {
        var e = await FaultOf(Chat(new TextReasoningContent("hm"), Elapses(19), Elapses(11)));
        (e.Fault, e.HasOutput, e.IsRetryable).ShouldBe((ModelFault.Stalled, false, true));
    }

    /// <summary>Waits until the time has come, or the call is ended.</summary>
    private Func<CancellationToken, Task> Elapses(int seconds) => async ct =>
    {
        for (var i = 0; i < seconds && !ct.IsCancellationRequested; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        ct.ThrowIfCancellationRequested();
        await Task.Yield();
    };

    private static async Task<ModelException> FaultOf(IChatClient chat) =>
        await Should.ThrowAsync<ModelException>(() => chat.GetStreamingResponseAsync("?", cancellationToken: Ct).ToListAsync(Ct).AsTask());

    private IChatClient Chat(params Func<CancellationToken, Task>[] waits) => Chat(new TextContent("one"), waits);

    private IChatClient Chat(AIContent first, params Func<CancellationToken, Task>[] waits)
    {
        var at = new ModelEndpoint
        {
            Account = new ModelAccount { Id = Guid.CreateVersion7(), Provider = "openai" }, Model = "m", Capabilities = new(), BaseUrl = new Uri("https://models.example/"), Http = null!,
            Timeouts = new() { FirstToken = TimeSpan.FromSeconds(20), BetweenTokens = TimeSpan.FromSeconds(10), Whole = TimeSpan.FromSeconds(40) }, Time = _time,
        };
        return new CheckedChat(new ProviderChat(new Scripted(first, waits), _ => false), at);
    }

    /// <summary>"one", then " two" after each further wait.</summary>
    private sealed class Scripted(AIContent first, Func<CancellationToken, Task>[] waits) : IChatClient
    {
        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var (i, wait) in waits.Index())
            {
                await wait(cancellationToken);
                yield return new ChatResponseUpdate(ChatRole.Assistant, [i == 0 ? first : new TextContent(" two")]) { FinishReason = i == waits.Length - 1 ? ChatFinishReason.Stop : null };
            }
        }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
