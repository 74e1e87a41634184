using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Conversations.Brands;
using Parley.Platform.Objects;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Privacy;

public sealed class BrandTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private static readonly byte[] Picture = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==");

    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;
    private HttpClient _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _tenant = await _world.TenantAsync();
        _owner = (await _tenant.AgentAsync("owner")).Client;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_widget_keeps_its_look_until_its_brand_is_saved_and_its_own_words_come_first()
    {
        var before = await ConfigAsync();
        before.GetProperty("brand").ValueKind.ShouldBe(JsonValueKind.Null);
        before.GetProperty("title").GetString().ShouldBe("");
        var first = (await _owner.GetJsonAsync("/v1/brands")).GetProperty("items").EnumerateArray().Single();
        first.GetProperty("isDefault").GetBoolean().ShouldBeTrue();
        first.GetProperty("name").GetString().ShouldBe("Tenant " + _tenant.Tenant.Slug);

        await SaveAsync(HttpMethod.Put, "/v1/brands/" + first.GetProperty("id").GetGuid(),
            new { name = " Nordbahn ", color = "#AA3300", supportAddress = "hilfe@example.com", privacyUrl = "https://example.com/privacy", termsUrl = "" });
        await SaveAsync(HttpMethod.Put, $"/v1/brands/{first.GetProperty("id").GetGuid()}/logo", new { image = Picture });
        var shown = await ConfigAsync();
        (shown.GetProperty("title").GetString(), shown.GetProperty("color").GetString()).ShouldBe(("Nordbahn", "#aa3300"));
        var brand = shown.GetProperty("brand");
        (brand.GetProperty("supportAddress").GetString(), brand.GetProperty("privacyUrl").GetString(), brand.GetProperty("termsUrl").GetString()).ShouldBe(("hilfe@example.com", "https://example.com/privacy", null));
        using var logo = await _world.Host.Client().GetAsync(brand.GetProperty("logo").GetString());
        (await logo.Content.ReadAsByteArrayAsync()).ShouldBe(Picture);
        logo.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        logo.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        logo.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("sandbox");

        (await _owner.PatchAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}", new { settings = new { title = "Hallo", greeting = "Guten Tag!", color = "#123456", position = "end" } })).EnsureSuccessStatusCode();
        var own = await ConfigAsync();
        (own.GetProperty("title").GetString(), own.GetProperty("color").GetString()).ShouldBe(("Hallo", "#123456"));
    }

    [Fact]
    public async Task A_widget_moves_to_another_brand_and_a_brand_that_is_shown_stays()
    {
        var made = await SaveAsync(HttpMethod.Post, "/v1/brands", new { name = "Südbahn" });
        var id = made.GetProperty("id").GetGuid();
        await (await _owner.PostAsJsonAsync("/v1/brands", new { name = "südbahn" })).ShouldFailAsync(409, "brand.exists", "name");
        (await _owner.PatchAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}", new { brandId = id })).EnsureSuccessStatusCode();
        (await ConfigAsync()).GetProperty("title").GetString().ShouldBe("Südbahn");
        await (await _owner.DeleteAsync($"/v1/brands/{id}")).ShouldFailAsync(409, "brand.in_use");
        await (await _owner.DeleteAsync($"/v1/brands/{_tenant.Defaults.BrandId}")).ShouldFailAsync(409, "brand.is_default");
        (await _owner.PatchAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}", new { brandId = _tenant.Defaults.BrandId })).EnsureSuccessStatusCode();
        (await _owner.DeleteAsync($"/v1/brands/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await _owner.DeleteAsync($"/v1/brands/{id}")).ShouldFailAsync(404, "not_found");

        var other = await _world.TenantAsync();
        await (await _owner.PatchAsJsonAsync($"/v1/widgets/{_tenant.Defaults.WidgetId}", new { brandId = other.Defaults.BrandId })).ShouldFailAsync(400, "invalid", "brandId");
        await (await _owner.PostAsJsonAsync("/v1/widgets", new { name = "Shop", brandId = other.Defaults.BrandId })).ShouldFailAsync(400, "invalid", "brandId");
    }

    [Fact]
    public async Task What_is_no_picture_is_refused_and_an_old_one_leaves_no_file()
    {
        var path = $"/v1/brands/{_tenant.Defaults.BrandId}/logo";
        foreach (var bad in new[] { "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8.ToArray(), "GIF89a"u8.ToArray(), Picture[..20], [], new byte[BrandLogo.Limits.Bytes + 1] })
        {
            await (await _owner.PutAsJsonAsync(path, new { image = bad })).ShouldFailAsync(400, "invalid", "image");
        }
        var (wide, other) = ((byte[])Picture.Clone(), (byte[])Picture.Clone());
        wide[18] = 0xff;
        await (await _owner.PutAsJsonAsync(path, new { image = wide })).ShouldFailAsync(400, "invalid", "image");
        other[^1] ^= 1;
        await SaveAsync(HttpMethod.Put, path, new { image = Picture });
        var first = (await _tenant.QueryAsync<byte[]>("select logo_hash from brands")).Single();
        await SaveAsync(HttpMethod.Put, path, new { image = other });
        var objects = _world.Host.Services.GetRequiredService<ObjectStore>();
        (await objects.HoldsAsync(_tenant.Tenant.Id, first, default)).ShouldBeFalse();
        (await _owner.GetAsync(path)).EnsureSuccessStatusCode();
        (await _owner.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await _owner.GetAsync(path)).ShouldFailAsync(404, "not_found");
        (await _tenant.QueryAsync<int>("select count(*)::int from objects")).Single().ShouldBe(0);
    }

    [Fact]
    public async Task Links_lead_nowhere_that_runs_a_script()
    {
        foreach (var (body, field) in new (object, string)[]
        {
            (new { name = "" }, "name"), (new { name = "A", color = "red" }, "color"), (new { name = "A", supportAddress = "nobody" }, "supportAddress"),
            (new { name = "A", privacyUrl = "javascript:alert(1)" }, "privacyUrl"), (new { name = "A", termsUrl = "https://u:p@example.com" }, "termsUrl"), (new { name = "A\0" }, "name"),
        })
        {
            await (await _owner.PostAsJsonAsync("/v1/brands", body)).ShouldFailAsync(400, "invalid", field);
        }
    }

    private Task<JsonElement> ConfigAsync() => _world.Host.Client().GetJsonAsync("/v1/widget/config?key=" + _tenant.Defaults.PublicKey);

    private async Task<JsonElement> SaveAsync(HttpMethod method, string path, object body)
    {
        using var response = await _owner.SendAsync(new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) });
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }
}
