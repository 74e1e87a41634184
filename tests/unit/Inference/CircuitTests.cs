using Parley.Inference.Contracts;
using Parley.Inference.Pipeline;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>When an account is left alone, and when it is asked again.</summary>
public sealed class CircuitTests
{
    private readonly ManualTime _time = new();
    private readonly Circuit _circuit;

    public CircuitTests() => _circuit = new Circuit(_time);

    [Fact]
    public void Five_failures_in_a_row_open_it_and_a_success_between_them_does_not()
    {
        Fail(ModelFault.ServerError, 4);
        _circuit.Succeeded();
        Fail(ModelFault.Overloaded, 4);
        _circuit.TryEnter().ShouldBeTrue();
        _circuit.Failed(Fault(ModelFault.Timeout));
        _circuit.TryEnter().ShouldBeFalse();
        _circuit.Resting.ShouldBe(Circuit.Rest);
    }

    [Fact]
    public void After_the_rest_one_call_tries_it()
    {
        Fail(ModelFault.Unreachable, 5);
        _time.Advance(Circuit.Rest);
        _circuit.TryEnter().ShouldBeTrue();
        _circuit.TryEnter().ShouldBeFalse("one probe at a time");
        _circuit.Succeeded();
        _circuit.TryEnter().ShouldBeTrue();
        _circuit.TryEnter().ShouldBeTrue("it is closed");
    }

    [Fact]
    public void A_probe_that_fails_doubles_the_rest_up_to_a_limit()
    {
        Fail(ModelFault.Unreachable, 5);
        var rest = Circuit.Rest;
        for (var probe = 0; probe < 8; probe++)
        {
            _circuit.Resting.ShouldBe(rest);
            _time.Advance(rest - TimeSpan.FromTicks(1));
            _circuit.TryEnter().ShouldBeFalse();
            _time.Advance(TimeSpan.FromTicks(1));
            Fail(ModelFault.Unreachable, 1);
            rest = rest * 2 < Circuit.LongestRest ? rest * 2 : Circuit.LongestRest;
        }
        rest.ShouldBe(Circuit.LongestRest);
    }

    [Fact]
    public void A_probe_whose_caller_left_lets_the_next_one_try()
    {
        Fail(ModelFault.Unreachable, 5);
        _time.Advance(Circuit.Rest);
        _circuit.TryEnter().ShouldBeTrue();
        _circuit.Left();
        _circuit.TryEnter().ShouldBeTrue();
    }

    [Fact]
    public void A_provider_that_wants_to_be_left_alone_is_left_alone()
    {
        _circuit.Failed(new ModelException(ModelFault.RateLimited, "p", "m", "Slow down.") { RetryAfter = TimeSpan.FromSeconds(7) });
        _circuit.TryEnter().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(7));
        _circuit.TryEnter().ShouldBeTrue();
        _circuit.TryEnter().ShouldBeTrue("it was never broken");
    }

    [Fact]
    public void Nobody_is_left_alone_for_longer_than_the_longest_rest()
    {
        _circuit.Failed(new ModelException(ModelFault.RateLimited, "p", "m", "Slow down.") { RetryAfter = TimeSpan.MaxValue });
        _circuit.Resting.ShouldBe(Circuit.LongestRest);
        _time.Advance(Circuit.LongestRest);
        _circuit.TryEnter().ShouldBeTrue();
    }

    [Fact]
    public void A_limit_of_our_own_says_nothing_of_the_provider()
    {
        _circuit.Failed(new ModelException(ModelFault.RateLimited, "p", "m", "The share is used up.") { RetryAfter = TimeSpan.FromSeconds(30), Ours = true });
        _circuit.TryEnter().ShouldBeTrue();
    }

    [Fact]
    public void A_wrong_key_opens_it_at_once_and_a_wrong_request_never()
    {
        Fail(ModelFault.Invalid, 20);
        Fail(ModelFault.Refused, 20);
        Fail(ModelFault.RateLimited, 20);
        _circuit.TryEnter().ShouldBeTrue();
        _circuit.Failed(Fault(ModelFault.Unauthorized));
        _circuit.TryEnter().ShouldBeFalse();
    }

    private void Fail(ModelFault fault, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _circuit.TryEnter().ShouldBeTrue();
            _circuit.Failed(Fault(fault));
        }
    }

    private static ModelException Fault(ModelFault fault) => new(fault, "p", "m", "It failed.");
}
