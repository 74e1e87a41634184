using System.Text;
using Parley.Integrations.Webhooks;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Integrations;

public sealed class WebhookSignatureTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_674_087_231);

    /// <summary>A value that was computed with OpenSSL: printf '%s' ID.TIMESTAMP.BODY | openssl dgst -sha256 -mac HMAC -macopt hexkey:… -binary | base64.</summary>
    [Fact]
    public void It_is_the_value_that_another_implementation_computes()
    {
        var secret = "whsec_" + Convert.ToBase64String(Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef"));
        WebhookSignature.Sign("evt_1", At, "{\"a\":\"ü\"}", [secret]).ShouldBe("v1,DuC43Sff5cbHGKR9ImQpN4CemYPjc8QJYAWRELJDCow=");
    }

    [Fact]
    public void Each_valid_secret_signs_so_that_a_receiver_may_know_either()
    {
        var (current, previous) = (WebhookSignature.NewSecret(), WebhookSignature.NewSecret());
        var both = WebhookSignature.Sign("evt_1", At, "{}", [current, previous]).Split(' ');
        both.ShouldBe([WebhookSignature.Sign("evt_1", At, "{}", [current]), WebhookSignature.Sign("evt_1", At, "{}", [previous])]);
        both[0].ShouldNotBe(both[1]);
    }

    [Theory]
    [InlineData("evt_2", 0, "{}")]
    [InlineData("evt_1", 1, "{}")]
    [InlineData("evt_1", 0, "{ }")]
    public void Id_moment_and_body_are_all_signed(string id, int later, string body)
    {
        var secret = WebhookSignature.NewSecret();
        WebhookSignature.Sign(id, At.AddSeconds(later), body, [secret]).ShouldNotBe(WebhookSignature.Sign("evt_1", At, "{}", [secret]));
    }

    [Fact]
    public void A_secret_has_256_random_bits_and_says_what_it_is()
    {
        var secret = WebhookSignature.NewSecret();
        secret.ShouldStartWith("whsec_");
        Convert.FromBase64String(secret["whsec_".Length..]).Length.ShouldBe(32);
        WebhookSignature.NewSecret().ShouldNotBe(secret);
    }
}
