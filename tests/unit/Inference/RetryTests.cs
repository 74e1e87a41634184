using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>Asking again and asking somebody else, while nothing has been handed on.</summary>
public sealed class RetryTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ManualTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ModelFault.ServerError, 1, false, 1.0)]
    [InlineData(ModelFault.ServerError, 2, false, 2.0)]
    [InlineData(ModelFault.Overloaded, 4, false, 8.0)]
    public void The_pace_of_retries(ModelFault fault, int tried, bool othersLeft, double seconds) =>
        RetryPolicy.Delay(Fault(fault), tried, othersLeft, Minute, 0).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(ModelFault.Overloaded, 5, false)] // five tries in all
    [InlineData(ModelFault.ServerError, 1, true)] // another account is quicker
    [InlineData(ModelFault.Timeout, 1, false)]
    [InlineData(ModelFault.Unauthorized, 1, false)]
    public void Not_again(ModelFault fault, int tried, bool othersLeft) => RetryPolicy.Delay(Fault(fault), tried, othersLeft, Minute, 0).ShouldBeNull();

    [Fact]
    public void Retry_after_wins_and_the_deadline_over_it()
    {
        var e = new ModelException(ModelFault.RateLimited, "p", "m", "Slow down.") { RetryAfter = TimeSpan.FromSeconds(9) };
        RetryPolicy.Delay(e, 1, false, Minute, 1).ShouldBe(TimeSpan.FromSeconds(9));
        RetryPolicy.Delay(e, 1, false, TimeSpan.FromSeconds(9), 1).ShouldBeNull();
        RetryPolicy.Delay(Fault(ModelFault.ServerError), 1, false, Minute, 1).ShouldBe(TimeSpan.FromSeconds(1.25));
    }

    [Fact]
    public async Task It_waits_by_the_clock_and_hands_on_nothing_of_the_try_that_failed()
    {
        var model = new Model(Fault(ModelFault.Overloaded), null);
        var call = Call();
        var answer = Ask(new RetryChat(model, _time, () => 0), call);
        model.Asked.ShouldBe(1);
        answer.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        var response = await answer;
        response.Text.ShouldBe("Zanzibar");
        response.Usage!.InputTokenCount.ShouldBe(10, "the counts of the try that failed are not added");
        model.Asked.ShouldBe(2);
        call.Decisions.Select(each => each.Step + " " + each.Reason).ShouldBe(["retry Overloaded"]);
    }

    [Fact]
    public async Task What_may_have_been_billed_is_asked_again_only_with_new_money()
    {
        var (asked, call) = (0, Call());
        call.AgainAsync = _ => Task.FromResult(++asked < 2);
        var model = new Model(Fault(ModelFault.Cut), Fault(ModelFault.Cut), null);
        var answer = Ask(new RetryChat(model, _time, () => 0), call);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await Should.ThrowAsync<ModelException>(answer)).Fault.ShouldBe(ModelFault.Cut);
        (asked, model.Asked).ShouldBe((2, 2));
    }

    [Fact]
    public async Task After_the_first_piece_nobody_else_answers()
    {
        var model = new Model(Fault(ModelFault.Cut).After(true), null);
        var chat = new FailoverChat(new RetryChat(model, _time, () => 0), new Circuits(_time), _time);
        (await Should.ThrowAsync<ModelException>(Ask(chat, Call(2)))).HasOutput.ShouldBeTrue();
        model.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task The_next_account_is_asked_at_once_and_one_that_rests_not_at_all()
    {
        var (model, circuits, call) = (new Model(Fault(ModelFault.Unauthorized), null, null), new Circuits(_time), Call(2));
        var chat = new FailoverChat(new RetryChat(model, _time, () => 0), circuits, _time);
        (await Ask(chat, call)).Text.ShouldBe("Zanzibar");
        call.Seat.ShouldBe(call.Seats[1]);
        call.Decisions.Select(each => each.Step + " " + each.Reason).ShouldBe(["failover Unauthorized"]);
        var next = Call(2, call.Seats);
        await Ask(chat, next);
        next.Decisions.Select(each => each.Step + " " + each.Reason).ShouldBe(["circuit resting"]);
        model.Asked.ShouldBe(3);
    }

    [Fact]
    public async Task A_request_that_is_wrong_is_wrong_everywhere()
    {
        var model = new Model(Fault(ModelFault.Invalid), null);
        (await Should.ThrowAsync<ModelException>(Ask(new FailoverChat(model, new Circuits(_time), _time), Call(2)))).Fault.ShouldBe(ModelFault.Invalid);
        model.Asked.ShouldBe(1);
    }

    [Fact]
    public void The_stable_part_comes_first_and_is_marked_on_a_copy()
    {
        ChatMessage[] messages = [new(ChatRole.User, "Hello"), new(ChatRole.System, "Rules."), new(ChatRole.User, "Where?")];
        var laid = PromptLayout.Lay(messages);
        laid.Select(message => message.Text).ShouldBe(["Rules.", "Hello", "Where?"]);
        PromptMarks.IsCacheMark(laid[0].Contents[^1]).ShouldBeTrue();
        PromptMarks.IsCacheMark(messages[1].Contents[^1]).ShouldBeFalse();
        messages[2].Contents = [new TextContent("Where?").CacheUpToHere()];
        PromptLayout.Lay(messages).SelectMany(message => message.Contents).Count(PromptMarks.IsCacheMark).ShouldBe(1, "the caller knows better");
    }

    [Fact]
    public void A_call_that_nobody_pays_for_is_a_mistake() =>
        Should.Throw<ArgumentException>(() => new PromptLayout(new Model()).GetStreamingResponseAsync([], null, Ct)).Message.ShouldContain("ModelCall.In");

    private static Task<ChatResponse> Ask(IChatClient chat, ModelCall call) => chat.GetResponseAsync([new(ChatRole.User, "Where is it?")], call.In(null), Ct);

    private ModelCall Call(int seats = 1, IReadOnlyList<ModelSeat>? same = null) => new()
    {
        Who = new Spender { TenantId = Guid.CreateVersion7(), Feature = "answer" },
        Seats = same ?? [.. Enumerable.Range(0, seats).Select(_ => new ModelSeat(ModelTier.Small, new ModelAccount { Id = Guid.CreateVersion7(), Provider = "p" },
            new ModelInfo { Provider = "p", Model = "m", Name = "M", Kind = ModelKind.Chat, AsOf = new(2026, 1, 1), Source = new("https://example.org") }))],
        Wanted = ModelTier.Small,
        Deadline = _time.GetUtcNow() + Minute,
    };

    private static ModelException Fault(ModelFault fault) => new(fault, "p", "m", "It failed.");

    /// <summary>Answers, or fails as told: before its answer, or behind a piece of it.</summary>
    private sealed class Model(params ModelException?[] faults) : IChatClient
    {
        internal int Asked { get; private set; }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var fault = faults[Asked++];
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 10 })]);
            if (fault is { HasOutput: false })
            {
                throw fault;
            }
            yield return new ChatResponseUpdate(ChatRole.Assistant, "Zanzi");
            yield return fault is null ? new ChatResponseUpdate(ChatRole.Assistant, "bar") : throw fault;
            await Task.CompletedTask;
        }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
