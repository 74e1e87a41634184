using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>The console as a browser gets it. The build of the web applications comes first: ./parley test does that.</summary>
public sealed partial class WebPagesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Repository.Root, "web", "console", "dist", "index.html")), "The console is not built: npm run build");
        _host = await ParleyHost.StartAsync(postgres);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("/console/")]
    [InlineData("/console/inbox/01234567-89ab-cdef-0123-456789abcdef")]
    public async Task Every_address_of_the_console_is_its_one_page_under_a_closed_policy(string path)
    {
        using var response = await _host.Client().GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        response.Headers.CacheControl!.NoCache.ShouldBeTrue();
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldNotContain("unsafe");
        var page = await response.Content.ReadAsStringAsync();
        Inline().IsMatch(page).ShouldBeFalse("an inline script would be refused by the policy");
    }

    [Fact]
    public async Task Assets_are_compressed_and_kept_for_good_by_their_hash()
    {
        var client = _host.Client();
        var asset = Asset().Match(await client.GetStringAsync("/console/")).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Get, asset);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
        using var response = await client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentEncoding.ShouldBe(["br"]);
        response.Headers.CacheControl!.ToString().ShouldBe("public, max-age=31536000, immutable");
    }

    [Theory]
    [InlineData("/console/assets/no-such.js")]
    [InlineData("/console/../parley.dll")]
    [InlineData("/console/%2e%2e/%2e%2e/package.json")]
    public async Task What_is_no_file_of_the_console_is_not_served(string path)
    {
        using var response = await _host.Client().GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [GeneratedRegex("<script(?![^>]*src=)")]
    private static partial Regex Inline();

    [GeneratedRegex("(/console/assets/[^\"]+\\.js)")]
    private static partial Regex Asset();
}
