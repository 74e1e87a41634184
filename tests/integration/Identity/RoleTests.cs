using System.Net;
using System.Net.Http.Json;
using Dapper;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class RoleTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_role_of_ones_own_gives_what_it_says_and_follows_its_changes_at_once()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        var key = await CreateAsync(owner, "Team lead", "members:read", "conversations:read");
        var lead = await tenant.MemberAsync(key);
        (await lead.Client.GetAsync("/v1/members")).EnsureSuccessStatusCode();
        await (await lead.Client.GetAsync("/v1/audit")).ShouldFailAsync(403, "forbidden");
        (await owner.Client.PatchAsJsonAsync($"/v1/roles/{key}", new { permissions = new[] { "audit:read" } })).EnsureSuccessStatusCode();
        (await lead.Client.GetAsync("/v1/audit")).EnsureSuccessStatusCode();
        await (await lead.Client.GetAsync("/v1/members")).ShouldFailAsync(403, "forbidden");

        await (await owner.Client.DeleteAsync($"/v1/roles/{key}")).ShouldFailAsync(409, "role.in_use");
        (await owner.Client.PatchAsJsonAsync($"/v1/members/{lead.UserId}", new { role = "viewer" })).EnsureSuccessStatusCode();
        (await owner.Client.DeleteAsync($"/v1/roles/{key}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await owner.Client.DeleteAsync($"/v1/roles/{key}")).ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task Nobody_gives_or_takes_more_than_they_hold()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        var hr = await tenant.MemberAsync(await CreateAsync(owner, "People", "members:read", "members:write"));
        await (await hr.Client.PostAsJsonAsync("/v1/roles", new { name = "Mine", permissions = new[] { "members:read", "api-keys:write" } })).ShouldFailAsync(403, "role.exceeds_yours");
        var auditors = await CreateAsync(owner, "Auditors", "audit:read");
        await (await hr.Client.PatchAsJsonAsync($"/v1/roles/{auditors}", new { permissions = new[] { "members:read" } })).ShouldFailAsync(403, "role.exceeds_yours");
        await (await hr.Client.DeleteAsync($"/v1/roles/{auditors}")).ShouldFailAsync(403, "role.exceeds_yours");
        await (await hr.Client.PatchAsJsonAsync("/v1/roles/owner", new { requiresSecondFactor = true })).ShouldFailAsync(403, "role.exceeds_yours");
        var own = await CreateAsync(hr, "Recruiters", "members:read");
        await (await hr.Client.PatchAsJsonAsync($"/v1/roles/{own}", new { permissions = new[] { "audit:read" } })).ShouldFailAsync(403, "role.exceeds_yours");
    }

    [Fact]
    public async Task What_comes_with_parley_stays_and_the_last_owner_with_it()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        await (await owner.Client.PatchAsJsonAsync("/v1/roles/owner", new { permissions = new[] { "audit:read" } })).ShouldFailAsync(409, "role.built_in");
        await (await owner.Client.PatchAsJsonAsync("/v1/roles/agent", new { name = "Servant" })).ShouldFailAsync(409, "role.built_in");
        await (await owner.Client.DeleteAsync("/v1/roles/viewer")).ShouldFailAsync(409, "role.built_in");
        var key = await CreateAsync(owner, "Almost", "members:read", "members:write");
        await (await owner.Client.PatchAsJsonAsync($"/v1/members/{owner.UserId}", new { role = key })).ShouldFailAsync(409, "member.last_owner");
    }

    [Theory]
    [InlineData("", "members:read", "name")]
    [InlineData("two\nlines", "members:read", "name")]
    [InlineData("Fine", "members:rule", "permissions")]
    [InlineData("Fine", null, "permissions")]
    public async Task A_role_that_cannot_be_made_names_the_field(string name, string? permission, string field)
    {
        var tenant = await _host.TenantAsync();
        await (await tenant.Operator().PostAsJsonAsync("/v1/roles", new { name, permissions = permission is null ? [] : new[] { permission } })).ShouldFailAsync(400, "invalid", field);
    }

    [Fact]
    public async Task A_name_is_taken_once_and_a_role_is_of_its_own_workspace()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var owner = await one.MemberAsync("owner");
        var key = await CreateAsync(owner, "Team lead", "members:read");
        await (await owner.Client.PostAsJsonAsync("/v1/roles", new { name = "TEAM LEAD", permissions = new[] { "members:read" } })).ShouldFailAsync(409, "role.name_taken", "name");
        await (await two.Operator().PatchAsJsonAsync($"/v1/roles/{key}", new { name = "Mine" })).ShouldFailAsync(404, "not_found");
        await (await two.Operator().DeleteAsync($"/v1/roles/{key}")).ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task Of_the_same_name_at_the_same_moment_one_role_is_made()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        // Another, not yet committed, has the name: who looks does not see it and is told by the index.
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        await using var transaction = await everything.BeginTransactionAsync();
        await everything.ExecuteAsync("insert into roles (tenant_id, key, name, permissions, created_at) values (@Id, 'first', 'Night shift', array['members:read'], now())", new { tenant.Id }, transaction);
        var second = owner.Client.PostAsJsonAsync("/v1/roles", new { name = "NIGHT shift", permissions = new[] { "members:read" } });
        while (!second.IsCompleted && !await everything.QuerySingleAsync<bool>("select exists (select 1 from pg_locks where not granted and transactionid = pg_current_xact_id()::xid)", transaction: transaction))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        await transaction.CommitAsync();
        await (await second).ShouldFailAsync(409, "role.name_taken", "name");
    }

    [Fact]
    public async Task The_log_is_searched_and_exported()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        await CreateAsync(owner, "=cmd|'/c calc'", "members:read");
        await CreateAsync(owner, "Plain 100%", "members:read");
        var found = (await owner.Client.GetJsonAsync("/v1/audit?q=100%25")).GetProperty("items");
        found.GetArrayLength().ShouldBe(1);
        found[0].GetProperty("action").GetString().ShouldBe("role.created");
        (await owner.Client.GetJsonAsync($"/v1/audit?action=role.&memberId={owner.UserId}")).GetProperty("items").GetArrayLength().ShouldBe(2);
        (await owner.Client.GetJsonAsync("/v1/audit?until=2001-01-01T00:00:00Z")).GetProperty("items").GetArrayLength().ShouldBe(0);
        await (await owner.Client.GetAsync("/v1/audit?since=2002-01-01T00:00:00Z&until=2001-01-01T00:00:00Z")).ShouldFailAsync(400, "invalid", "until");

        using var csv = await owner.Client.GetAsync("/v1/audit/export?action=role.created");
        csv.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        var lines = (await csv.Content.ReadAsStringAsync()).Trim().Split("\r\n");
        lines.Length.ShouldBe(3);
        lines[0].ShouldEndWith("target_id,details");
        lines[1].ShouldContain("\"role.created\"");
        var exported = (await owner.Client.GetJsonAsync("/v1/audit?action=audit.exported")).GetProperty("items").EnumerateArray().Single();
        exported.GetProperty("actorId").GetGuid().ShouldBe(owner.UserId);
        exported.GetProperty("payload").GetProperty("action").GetString().ShouldBe("role.created");
        exported.GetProperty("payload").GetProperty("searched").GetBoolean().ShouldBeFalse();
    }

    private static async Task<string> CreateAsync(SignedIn maker, string name, params string[] permissions)
    {
        using var made = await maker.Client.PostAsJsonAsync("/v1/roles", new { name, permissions });
        ((int)made.StatusCode).ShouldBe(201, await made.Content.ReadAsStringAsync());
        return (await made.JsonAsync()).GetProperty("key").GetString()!;
    }
}
