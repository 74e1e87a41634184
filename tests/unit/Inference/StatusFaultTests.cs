using System.Net;
using System.Text;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

/// <summary>What providers' errors mean. The bodies are of the forms that their documentation shows.</summary>
public sealed class StatusFaultTests
{
    private static readonly Uri Address = new("https://models.example/v1/chat");

    [Theory]
    [InlineData(400, """{"error":{"message":"…","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", ModelFault.TooLarge)]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 215001 tokens > 200000 maximum"}}""", ModelFault.TooLarge)]
    [InlineData(422, """{"error":"Input validation error: inputs must have less than 512 tokens. Given: 600","error_type":"validation"}""", ModelFault.TooLarge)]
    [InlineData(400, """{"detail":"The max allowed tokens per submitted batch is 120000. Your batch has 200000 tokens, exceeding the limit of 120000 tokens"}""", ModelFault.TooLarge)]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}""", ModelFault.Unauthorized)]
    [InlineData(402, """{"error":{"type":"billing_error","message":"…"}}""", ModelFault.Unauthorized)]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", ModelFault.Unauthorized)]
    [InlineData(429, """{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}""", ModelFault.RateLimited)]
    [InlineData(400, """{"object":"error","message":"Invalid model: m","type":"invalid_model","param":null,"code":"1500"}""", ModelFault.ModelNotFound)]
    [InlineData(404, "<html>not here</html>", ModelFault.ModelNotFound)]
    [InlineData(408, "", ModelFault.Timeout)]
    [InlineData(504, "upstream timed out", ModelFault.Timeout)]
    [InlineData(502, "", ModelFault.ServerError)]
    [InlineData(307, "", ModelFault.Invalid)]
    [InlineData(418, "", ModelFault.Invalid)]
    public void A_status_and_the_names_in_its_body_have_one_meaning(int status, string body, ModelFault meaning) =>
        StatusFault.Of(status, ProviderError.Read(Encoding.UTF8.GetBytes(body)), Address).Fault.ShouldBe(meaning);

    [Fact]
    public void Of_a_body_only_short_names_are_kept()
    {
        var body = """{"error":{"message":"You asked sk-secret: where is Zanzibar?","type":"invalid_request_error","param":"where is Zanzibar? it is far","code":"unsupported_value"}}""";
        ProviderError.Read(Encoding.UTF8.GetBytes(body)).Names.ShouldBe(["invalid_request_error", "unsupported_value"]);
    }

    [Fact]
    public void Googles_list_around_an_error_is_opened() =>
        ProviderError.Read("""[{"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT"}}]"""u8.ToArray()).Names.ShouldBe(["INVALID_ARGUMENT"]);

    [Theory]
    [InlineData("Retry-After", "7", 7d)]
    [InlineData("Retry-After", "Mon, 05 Jan 2026 12:00:30 GMT", 30d)]
    [InlineData("Retry-After", "Mon, 05 Jan 2026 11:00:00 GMT", 0d)]
    [InlineData("retry-after-ms", "1500", 1.5)]
    [InlineData("Retry-After", "soon", null)]
    public async Task How_long_to_wait_is_read_in_every_form(string header, string value, double? seconds)
    {
        using var handler = new FaultHandler("openai", "m", new ManualTime()) { InnerHandler = new Answering(header, value) };
        using var invoker = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address);
        var e = await Should.ThrowAsync<ModelException>(() => invoker.SendAsync(request, CancellationToken.None));
        e.RetryAfter.ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
        (e.Fault, e.Status, e.RequestId).ShouldBe((ModelFault.RateLimited, 429, "req_1"));
    }

    private sealed class Answering(string header, string value) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("") };
            response.Headers.TryAddWithoutValidation(header, value);
            response.Headers.TryAddWithoutValidation("x-request-id", "req_1");
            return Task.FromResult(response);
        }
    }
}
