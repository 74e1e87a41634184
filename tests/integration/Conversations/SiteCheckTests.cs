using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

/// <summary>A page of somebody's site is read and judged; what must not be called is not. And the texts of a widget by language.</summary>
public sealed class SiteCheckTests(PostgresFixture postgres) : IAsyncLifetime
{
    private WebsiteDouble _site = null!;
    private WidgetWorld _world = null!;
    private WidgetTenant _tenant = null!;
    private HttpClient _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await WebsiteDouble.StartAsync();
        _world = await WidgetWorld.StartAsync(postgres, replace: services => services.AddSingleton(_ => new GuardedHttp(_site.HostAndPort, TimeProvider.System, Dns.GetHostAddressesAsync)));
        _tenant = await _world.TenantAsync();
        _owner = _tenant.Tenant.Operator();
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _site.DisposeAsync();
    }

    [Fact]
    public async Task A_page_is_judged_and_each_fault_has_its_mend()
    {
        _site.Html("/bare", "<html><body>Nothing</body></html>");
        _site.Html("/good", $"<html><body><script src=\"{_world.Host.Address}widget/v1/loader.js\" data-key=\"{_tenant.Defaults.PublicKey}\" async></script></body></html>");
        _site.Redirect("/moved", "/good");
        var bare = await CheckAsync("/bare");
        bare.GetProperty("works").GetBoolean().ShouldBeFalse();
        Message(bare, "script").ShouldContain("Put the embed code");
        Message(bare, "origin").ShouldContain(_site.Address.GetLeftPart(UriPartial.Authority));
        (await _owner.PatchAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}", new { allowedOrigins = new[] { _site.Address.GetLeftPart(UriPartial.Authority) } })).EnsureSuccessStatusCode();
        (await CheckAsync("/moved")).GetProperty("works").GetBoolean().ShouldBeTrue();
        (await CheckAsync("/missing")).GetProperty("findings")[0].String("message")!.ShouldContain("404");
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", "PARLEY_PRIVATE_HOSTS")]
    [InlineData("http://169.254.169.254/latest/meta-data", "metadata")]
    public async Task What_must_not_be_called_is_not(string url, string says)
    {
        using var response = await _owner.PostAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}/check", new { url });
        response.EnsureSuccessStatusCode();
        (await response.JsonAsync()).GetProperty("findings")[0].String("message")!.ShouldContain(says);
    }

    [Fact]
    public async Task A_visitor_is_spoken_to_in_their_language_where_there_are_texts()
    {
        var settings = new { greeting = "Hello!", title = "Support", suggestedQuestions = new[] { "How?" }, languages = new Dictionary<string, object> { ["de"] = new { greeting = "Guten Tag!" }, ["pt-BR"] = new { title = "Ajuda" } } };
        (await _owner.PatchAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}", new { settings })).EnsureSuccessStatusCode();
        (await SaidAsync("de-AT")).ShouldBe(("Support", "Guten Tag!"));
        (await SaidAsync("pt-br")).ShouldBe(("Ajuda", "Hello!"));
        (await SaidAsync("pt")).ShouldBe(("Support", "Hello!"));
        (await SaidAsync(null)).ShouldBe(("Support", "Hello!"));
        using var bad = await _owner.PatchAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}", new { settings = new { languages = new Dictionary<string, object> { ["de"] = new { greeting = new string('x', 501) } } } });
        await bad.ShouldFailAsync(400, "invalid", "settings.languages.de");
    }

    private async Task<(string?, string?)> SaidAsync(string? locale)
    {
        var config = await _world.Host.Client().GetJsonAsync($"/v1/widget/config?key={_tenant.Defaults.PublicKey}{(locale is null ? "" : "&locale=" + locale)}");
        return (config.String("title"), config.String("greeting"));
    }

    private async Task<JsonElement> CheckAsync(string path)
    {
        using var response = await _owner.PostAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}/check", new { url = new Uri(_site.Address, path).AbsoluteUri });
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private static string Message(JsonElement answer, string name) => answer.GetProperty("findings").EnumerateArray().First(f => f.String("name") == name).String("message")!;
}
