using System.Net;
using System.Net.Http.Json;
using Dapper;
using Parley.Platform.Authorization;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class ApiKeyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_key_is_shown_once_and_does_what_its_scopes_say_and_no_more()
    {
        var tenant = await _host.TenantAsync();
        var (id, key) = await tenant.ApiKeyAsync("members:read");
        key.ShouldStartWith("pk_");
        var client = _host.Client(key);
        (await client.GetAsync("/v1/members")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await client.GetAsync("/v1/api-keys")).ShouldFailAsync(403, "forbidden");
        await (await client.PostAsJsonAsync("/v1/members", new { })).ShouldFailAsync(403, "forbidden");
        // It is no person: what concerns an account is not its business.
        await (await client.GetAsync("/v1/auth/session")).ShouldFailAsync(401, "unauthenticated");
        var list = await tenant.Operator().GetJsonAsync("/v1/api-keys");
        list.ToString().ShouldNotContain(key);
        var listed = list.GetProperty("items").EnumerateArray().Single();
        listed.GetProperty("id").GetGuid().ShouldBe(id);
        listed.GetProperty("prefix").GetString().ShouldBe(key[..9]);
        listed.GetProperty("lastUsedAt").GetDateTimeOffset().ShouldBeGreaterThan(_host.Time.GetUtcNow().AddMinutes(-1));
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        (await everything.QuerySingleAsync<int>("select count(*)::int from api_keys k where k::text like '%' || @key || '%'", new { key })).ShouldBe(0);
        (await everything.QuerySingleAsync<int>("select count(*)::int from audit a where a::text like '%' || @key || '%'", new { key })).ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"scopes":["members:read"]}""", "name")]
    [InlineData("""{"name":"x"}""", "scopes")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["members:fly"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["widget:talk"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":"members:read"}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["members:read"],"expiresAt":"2001-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"x","scopes":["members:read"],"expiresAt":"tomorrow"}""", "expiresAt")]
    public async Task A_key_that_cannot_be_made_names_the_field(string body, string field)
    {
        var tenant = await _host.TenantAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        await (await tenant.Operator().PostAsync("/v1/api-keys", content)).ShouldFailAsync(400, "invalid", field);
        (await tenant.Operator().GetJsonAsync("/v1/api-keys")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Nobody_makes_a_key_that_may_more_than_they_may()
    {
        var tenant = await _host.TenantAsync();
        var (_, key) = await tenant.ApiKeyAsync("api-keys:write", "members:read");
        await (await _host.Client(key).PostAsJsonAsync("/v1/api-keys", new { name = "more", scopes = new[] { "members:write" } })).ShouldFailAsync(400, "invalid", "scopes");
        (await _host.Client(key).PostAsJsonAsync("/v1/api-keys", new { name = "less", scopes = new[] { "members:read" } })).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_revoked_key_stops_at_once()
    {
        var tenant = await _host.TenantAsync();
        var (id, key) = await tenant.ApiKeyAsync("members:read");
        var client = _host.Client(key);
        (await client.GetAsync("/v1/members")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tenant.Operator().DeleteAsync("/v1/api-keys/" + id)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await client.GetAsync("/v1/members")).ShouldFailAsync(401, "unauthenticated");
        // Again: nothing changes, nothing is recorded twice.
        (await tenant.Operator().DeleteAsync("/v1/api-keys/" + id)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var audit = await tenant.Operator().GetJsonAsync("/v1/audit");
        audit.GetProperty("items").EnumerateArray().Count(a => a.GetProperty("action").GetString() == "api_key.revoked").ShouldBe(1);
    }

    [Fact]
    public async Task A_key_expires()
    {
        var tenant = await _host.TenantAsync();
        var made = await (await tenant.Operator().PostAsJsonAsync("/v1/api-keys",
            new { name = "short", scopes = new[] { "members:read" }, expiresAt = _host.Time.GetUtcNow().AddHours(1) })).JsonAsync();
        var client = _host.Client(made.GetProperty("key").GetString());
        (await client.GetAsync("/v1/members")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _host.Time.Advance(TimeSpan.FromMinutes(61));
        await (await client.GetAsync("/v1/members")).ShouldFailAsync(401, "unauthenticated");
    }

    [Theory]
    [InlineData("pk_forgedforgedforgedforgedforgedforgedforgedfor")]
    [InlineData("pk_")]
    [InlineData("po_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("xx_unknown")]
    [InlineData("")]
    public async Task A_forged_token_is_nobody_even_beside_a_good_cookie(string token)
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("owner");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/members");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        await (await member.Client.SendAsync(request)).ShouldFailAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task An_endless_token_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/members");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer pk_" + new string('x', 8000));
        await (await _host.Client().SendAsync(request)).ShouldFailAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task Another_tenants_key_does_not_exist_here()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var (id, key) = await two.ApiKeyAsync("members:read");
        await (await one.Operator().DeleteAsync("/v1/api-keys/" + id)).ShouldFailAsync(404, "not_found");
        (await _host.Client(key).GetAsync("/v1/members")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_operators_token_acts_in_the_tenant_it_names_and_in_none_that_does_not_exist()
    {
        var tenant = await _host.TenantAsync();
        await tenant.AddAsync(IdentityHost.NewEmail(), "owner");
        (await tenant.Operator().GetJsonAsync("/v1/members")).GetProperty("items").GetArrayLength().ShouldBe(1);
        await (await _host.OperatorClient("no-such-tenant").GetAsync("/v1/members")).ShouldFailAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task Each_role_reaches_exactly_what_it_holds()
    {
        var tenant = await _host.TenantAsync();
        var expected = new Dictionary<string, string>
        {
            ["/v1/members"] = Permission.MembersRead, ["/v1/roles"] = Permission.MembersRead, ["/v1/permissions"] = Permission.MembersRead,
            ["/v1/invitations"] = Permission.MembersRead, ["/v1/api-keys"] = Permission.ApiKeysRead, ["/v1/audit"] = Permission.AuditRead,
        };
        foreach (var (role, permissions) in Permission.BuiltInRoles)
        {
            var member = await tenant.MemberAsync(role);
            foreach (var (path, permission) in expected)
            {
                (await member.Client.GetAsync(path)).StatusCode.ShouldBe(permissions.Contains(permission) ? HttpStatusCode.OK : HttpStatusCode.Forbidden, role + " " + path);
            }
            var mayWrite = permissions.Contains(Permission.MembersWrite);
            (await member.Client.PostAsJsonAsync("/v1/members", new { })).StatusCode.ShouldBe(mayWrite ? HttpStatusCode.BadRequest : HttpStatusCode.Forbidden, role);
        }
    }
}
