using Parley.Host.Isolation;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Identity;

public sealed class IsolationKindsTests
{
    [Theory]
    [InlineData("id", "/v1/conversations/{id}/messages", "conversation")]
    [InlineData("id", "/v1/api-keys/{id:guid}", "apiKey")]
    [InlineData("id", "/v1/knowledge/sources/{id}", "source")]
    [InlineData("userId", "/v1/members/{userId:guid}", "user")]
    [InlineData("sourceIds", "/v1/assistant/ask", "source")]
    [InlineData("agentId", "/v1/conversations", "user")]
    [InlineData("zebraId", "/v1/zebras", null)]
    [InlineData("id", "/v1/zebras/{id}", null)]
    [InlineData("id", "/v1/zebras", null)]
    public void An_id_is_known_by_its_name_or_by_the_segment_before_it(string name, string pattern, string? kind) => Kinds.OfId(name, pattern).ShouldBe(kind);

    [Theory]
    [InlineData("cursor", "cursor", true)]
    [InlineData("clientId", null, true)]
    [InlineData("text", null, true)]
    [InlineData("sessionToken", null, false)]
    [InlineData("objectHash", null, false)]
    [InlineData("slug", null, false)]
    public void A_text_that_looks_like_the_name_of_a_thing_must_be_known(string name, string? kind, bool known) => Kinds.OfText(name).ShouldBe((kind, known));
}
