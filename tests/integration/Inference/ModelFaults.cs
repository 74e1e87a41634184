using Parley.Inference.Contracts;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>What every provider makes of what goes wrong before an answer.</summary>
internal static class ModelFaults
{
    /// <summary>A word of every prompt in these tests that no message may repeat.</summary>
    internal const string Canary = "Zanzibar";

    /// <summary>Fault of the double, what it means, whether another try may help.</summary>
    public static TheoryData<string, ModelFault, bool> OfStatus => new(OfStatusAlone)
    {
        { "too-long", ModelFault.TooLarge, false },
        { "no-credit", ModelFault.Unauthorized, false },
    };

    /// <summary>Of the status by itself: the others are told apart by the words of a call's answer.</summary>
    public static TheoryData<string, ModelFault, bool> OfStatusAlone => new()
    {
        { "401", ModelFault.Unauthorized, false },
        { "403", ModelFault.Unauthorized, false },
        { "404", ModelFault.ModelNotFound, false },
        { "413", ModelFault.TooLarge, false },
        { "429;retry-after=7", ModelFault.RateLimited, true },
        { "500", ModelFault.ServerError, true },
        { "503", ModelFault.Overloaded, true },
        { "529", ModelFault.Overloaded, true },
    };

    internal static async Task<ModelException> OfAsync(Func<Task> call, ModelAccount account)
    {
        var e = await Should.ThrowAsync<ModelException>(call);
        // Whatever is logged of it: neither the key nor anything of the prompt.
        e.ToString().ShouldNotContain(account.Key.Length > 0 ? account.Key : "no key at all");
        e.ToString().ShouldNotContain(Canary);
        account.ToString().ShouldNotContain(account.Key.Length > 0 ? account.Key : "no key at all");
        e.Message.ShouldStartWith($"{account.Provider} · ");
        e.Provider.ShouldBe(account.Provider);
        return e;
    }

    internal static void ShouldMean(this ModelException e, string fault, ModelFault meaning, bool retryable)
    {
        e.Fault.ShouldBe(meaning, e.Message);
        e.IsRetryable.ShouldBe(retryable, e.Message);
        e.HasOutput.ShouldBeFalse();
        e.Status.ShouldBe(fault switch { "no-credit" => 429, "too-long" => 400, _ => int.Parse(fault[..3], System.Globalization.CultureInfo.InvariantCulture) });
        e.RequestId.ShouldBe("req_double");
        e.RetryAfter.ShouldBe(fault.Contains("retry-after", StringComparison.Ordinal) ? TimeSpan.FromSeconds(7) : null);
    }
}
