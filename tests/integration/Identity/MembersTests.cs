using System.Net;
using System.Net.Http.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class MembersTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Members_are_listed_in_pages_in_the_order_they_joined()
    {
        var tenant = await _host.TenantAsync();
        var emails = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            emails.Add(IdentityHost.NewEmail());
            await tenant.AddAsync(emails[^1], i == 0 ? "owner" : "viewer");
        }
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await tenant.Operator().GetJsonAsync("/v1/members?limit=2" + (next is null ? "" : "&cursor=" + next));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(m => m.GetProperty("email").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        seen.ShouldBe(emails);
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?limit=x", "limit")]
    [InlineData("?cursor=nonsense", "cursor")]
    [InlineData("?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!", "cursor")]
    public async Task A_bad_page_is_told_which_part(string query, string field)
    {
        var tenant = await _host.TenantAsync();
        await (await tenant.Operator().GetAsync("/v1/members" + query)).ShouldFailAsync(400, "invalid", field);
    }

    [Theory]
    [InlineData(null, "Ana", "agent", "email")]
    [InlineData("no address", "Ana", "agent", "email")]
    [InlineData("ana@example.com", " ", "agent", "name")]
    [InlineData("ana@example.com", "two\nlines", "agent", "name")]
    [InlineData("ana@example.com", "Ana", null, "role")]
    [InlineData("ana@example.com", "Ana", "emperor", "role")]
    public async Task A_member_that_cannot_be_made_names_the_field(string? email, string name, string? role, string field)
    {
        var tenant = await _host.TenantAsync();
        await (await tenant.Operator().PostAsJsonAsync("/v1/members", new { email, name, role })).ShouldFailAsync(400, "invalid", field);
        (await tenant.Operator().GetJsonAsync("/v1/members")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task An_address_is_added_once_and_an_account_of_another_tenant_is_not_taken()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var member = await one.MemberAsync("owner");
        await (await one.Operator().PostAsJsonAsync("/v1/members", new { email = member.Email, name = "Again", role = "agent" })).ShouldFailAsync(409, "member.exists", "email");
        using var response = await two.Operator().PostAsJsonAsync("/v1/members", new { email = member.Email, name = "Mine now", role = "agent" });
        await response.ShouldFailAsync(409, "member.has_account", "email");
        (await response.Content.ReadAsStringAsync()).ShouldNotContain(member.UserId.ToString());
        (await two.Operator().GetJsonAsync("/v1/members")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await member.Client.GetJsonAsync("/v1/auth/session")).GetProperty("tenants").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_person_joins_a_second_tenant_by_invitation_and_moves_between_them()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var member = await one.MemberAsync("owner");
        var stranger = await one.MemberAsync("viewer");
        using var invited = await two.Operator().PostAsJsonAsync("/v1/invitations", new { email = member.Email, role = "agent" });
        invited.StatusCode.ShouldBe(HttpStatusCode.Created);
        var code = (await invited.JsonAsync()).GetProperty("code").GetString();
        // The code alone is not enough, nor is the account alone.
        await (await stranger.Client.PostAsJsonAsync("/v1/auth/invitations", new { code })).ShouldFailAsync(400, "invalid", "code");
        await (await member.Client.PostAsJsonAsync("/v1/auth/tenant", new { tenantId = two.Id })).ShouldFailAsync(404, "not_found");
        var session = await (await member.Client.PostAsJsonAsync("/v1/auth/invitations", new { code })).JsonAsync();
        session.GetProperty("tenants").GetArrayLength().ShouldBe(2);
        await (await member.Client.PostAsJsonAsync("/v1/auth/invitations", new { code })).ShouldFailAsync(400, "invalid", "code");

        var moved = await (await member.Client.PostAsJsonAsync("/v1/auth/tenant", new { tenantId = two.Id })).JsonAsync();
        moved.GetProperty("tenant").GetProperty("id").GetGuid().ShouldBe(two.Id);
        moved.GetProperty("role").GetString().ShouldBe("agent");
        (await member.Client.GetJsonAsync("/v1/members")).GetProperty("items").EnumerateArray().Single().GetProperty("email").GetString().ShouldBe(member.Email);
        await (await member.Client.GetAsync("/v1/audit")).ShouldFailAsync(403, "forbidden");
        // The next sign-in goes where they were last.
        var again = await (await _host.Client().SignInAsync(member.Email, IdentityHost.Password)).JsonAsync();
        again.GetProperty("tenant").GetProperty("id").GetGuid().ShouldBe(two.Id);
    }

    [Fact]
    public async Task An_invitation_expires_and_can_be_withdrawn()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var member = await one.MemberAsync("owner");
        var first = await (await two.Operator().PostAsJsonAsync("/v1/invitations", new { email = member.Email, role = "agent" })).JsonAsync();
        var id = first.GetProperty("id").GetGuid();
        (await one.Operator().DeleteAsync("/v1/invitations/" + id)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await two.Operator().GetJsonAsync("/v1/invitations")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await two.Operator().DeleteAsync("/v1/invitations/" + id)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await member.Client.PostAsJsonAsync("/v1/auth/invitations", new { code = first.GetProperty("code").GetString() })).ShouldFailAsync(400, "invalid", "code");
        var second = await (await two.Operator().PostAsJsonAsync("/v1/invitations", new { email = member.Email, role = "agent" })).JsonAsync();
        _host.Time.Advance(TimeSpan.FromDays(7));
        var client = _host.WithCookie(await _host.TokenAsync(member.Email, IdentityHost.Password));
        client.DefaultRequestHeaders.Add(Access.CsrfHeader, "1");
        await (await client.PostAsJsonAsync("/v1/auth/invitations", new { code = second.GetProperty("code").GetString() })).ShouldFailAsync(400, "invalid", "code");
    }

    [Fact]
    public async Task A_new_role_counts_at_the_next_request()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("viewer");
        await (await member.Client.GetAsync("/v1/audit")).ShouldFailAsync(403, "forbidden");
        using var changed = await tenant.Operator().PatchAsJsonAsync("/v1/members/" + member.UserId, new { role = "manager" });
        (await changed.JsonAsync()).GetProperty("role").GetString().ShouldBe("manager");
        (await member.Client.GetAsync("/v1/audit")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_removed_member_is_out_at_once_and_leaves_no_account_behind()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        (await tenant.Operator().DeleteAsync("/v1/members/" + member.UserId)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await member.Client.GetAsync("/v1/auth/session")).ShouldFailAsync(401, "unauthenticated");
        await (await _host.Client().SignInAsync(member.Email, IdentityHost.Password)).ShouldFailAsync(401, "auth.failed");
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        (await everything.QuerySingleAsync<int>("select count(*)::int from users where id = @UserId", new { member.UserId })).ShouldBe(0);
        // The address may come back, as somebody new.
        var (id, _) = await tenant.AddAsync(member.Email, "viewer");
        id.ShouldNotBe(member.UserId);
    }

    [Fact]
    public async Task A_removed_member_of_two_tenants_stays_in_the_other()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var member = await one.MemberAsync("agent");
        var invitation = await (await two.Operator().PostAsJsonAsync("/v1/invitations", new { email = member.Email, role = "viewer" })).JsonAsync();
        (await member.Client.PostAsJsonAsync("/v1/auth/invitations", new { code = invitation.GetProperty("code").GetString() })).EnsureSuccessStatusCode();
        (await one.Operator().DeleteAsync("/v1/members/" + member.UserId)).EnsureSuccessStatusCode();
        (await member.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var session = await (await _host.Client().SignInAsync(member.Email, IdentityHost.Password)).JsonAsync();
        session.GetProperty("tenant").GetProperty("id").GetGuid().ShouldBe(two.Id);
    }

    [Fact]
    public async Task The_last_owner_can_be_neither_removed_nor_demoted()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        await (await owner.Client.DeleteAsync("/v1/members/" + owner.UserId)).ShouldFailAsync(409, "member.last_owner");
        await (await tenant.Operator().PatchAsJsonAsync("/v1/members/" + owner.UserId, new { role = "viewer" })).ShouldFailAsync(409, "member.last_owner");
        var second = await tenant.MemberAsync("owner");
        (await second.Client.PatchAsJsonAsync("/v1/members/" + owner.UserId, new { role = "viewer" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await second.Client.DeleteAsync("/v1/members/" + second.UserId)).ShouldFailAsync(409, "member.last_owner");
    }

    [Fact]
    public async Task Two_owners_who_remove_each_other_at_once_do_not_both_succeed()
    {
        for (var round = 0; round < 5; round++)
        {
            var tenant = await _host.TenantAsync();
            var (one, two) = (await tenant.MemberAsync("owner"), await tenant.MemberAsync("owner"));
            var responses = await Task.WhenAll(one.Client.DeleteAsync("/v1/members/" + two.UserId), two.Client.DeleteAsync("/v1/members/" + one.UserId));
            responses.Count(r => r.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
            (await tenant.Operator().GetJsonAsync("/v1/members")).GetProperty("items").EnumerateArray().Single().GetProperty("role").GetString().ShouldBe("owner");
        }
    }

    [Fact]
    public async Task Nobody_grants_takes_or_replaces_more_than_they_hold()
    {
        var tenant = await _host.TenantAsync();
        await using (var everything = await _host.Database.Everything.OpenConnectionAsync())
        {
            await everything.ExecuteAsync("insert into roles values (@Id, 'people', 'People', array['members:read', 'members:write', 'knowledge:read', 'no:such'], now())", new { tenant.Id });
        }
        var people = await tenant.MemberAsync("people");
        (await people.Client.GetJsonAsync("/v1/auth/session")).GetProperty("permissions").GetArrayLength().ShouldBe(3);
        var owner = await tenant.MemberAsync("owner");
        foreach (var role in new[] { "owner", "manager", "agent", "viewer" })
        {
            await (await people.Client.PostAsJsonAsync("/v1/members", new { email = IdentityHost.NewEmail(), name = "X", role })).ShouldFailAsync(403, "role.exceeds_yours");
            await (await people.Client.PostAsJsonAsync("/v1/invitations", new { email = IdentityHost.NewEmail(), role })).ShouldFailAsync(403, "role.exceeds_yours");
            await (await people.Client.PatchAsJsonAsync("/v1/members/" + people.UserId, new { role })).ShouldFailAsync(403, "role.exceeds_yours");
        }
        await (await people.Client.PatchAsJsonAsync("/v1/members/" + owner.UserId, new { role = "people" })).ShouldFailAsync(403, "role.exceeds_yours");
        await (await people.Client.DeleteAsync("/v1/members/" + owner.UserId)).ShouldFailAsync(403, "role.exceeds_yours");
        (await people.Client.PostAsJsonAsync("/v1/members", new { email = IdentityHost.NewEmail(), name = "X", role = "people" })).StatusCode.ShouldBe(HttpStatusCode.Created);
        // The same for a key.
        var (_, key) = await tenant.ApiKeyAsync("members:read", "members:write");
        await (await _host.Client(key).PatchAsJsonAsync("/v1/members/" + people.UserId, new { role = "viewer" })).ShouldFailAsync(403, "role.exceeds_yours");
    }

    [Fact]
    public async Task A_forgotten_password_is_reset_by_an_owner_only_where_the_account_is_this_tenants_alone()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var member = await one.MemberAsync("agent");
        using var reset = await one.Operator().PostAsync($"/v1/members/{member.UserId}/password", null);
        var temporary = (await reset.JsonAsync()).GetProperty("temporaryPassword").GetString()!;
        (await member.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _host.Client().SignInAsync(member.Email, IdentityHost.Password)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var session = await (await _host.Client().SignInAsync(member.Email, temporary)).JsonAsync();
        session.GetProperty("mustChangePassword").GetBoolean().ShouldBeTrue();
        await (await two.Operator().PostAsync($"/v1/members/{member.UserId}/password", null)).ShouldFailAsync(404, "not_found");

        var invitation = await (await two.Operator().PostAsJsonAsync("/v1/invitations", new { email = member.Email, role = "viewer" })).JsonAsync();
        var client = _host.WithCookie(await _host.TokenAsync(member.Email, temporary));
        client.DefaultRequestHeaders.Add(Access.CsrfHeader, "1");
        (await client.PostAsJsonAsync("/v1/auth/invitations", new { code = invitation.GetProperty("code").GetString() })).EnsureSuccessStatusCode();
        await (await one.Operator().PostAsync($"/v1/members/{member.UserId}/password", null)).ShouldFailAsync(409, "member.shared_account");
        await (await two.Operator().PostAsync($"/v1/members/{member.UserId}/password", null)).ShouldFailAsync(409, "member.shared_account");
    }

    [Fact]
    public async Task Another_tenants_member_does_not_exist_here()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var (mine, theirs) = (await one.MemberAsync("owner"), await two.MemberAsync("agent"));
        await (await mine.Client.PatchAsJsonAsync("/v1/members/" + theirs.UserId, new { role = "viewer" })).ShouldFailAsync(404, "not_found");
        await (await mine.Client.DeleteAsync("/v1/members/" + theirs.UserId)).ShouldFailAsync(404, "not_found");
        (await (await mine.Client.GetAsync("/v1/members")).Content.ReadAsStringAsync()).ShouldNotContain(theirs.Email);
        (await theirs.Client.GetJsonAsync("/v1/auth/session")).GetProperty("role").GetString().ShouldBe("agent");
    }

    [Fact]
    public async Task The_applications_role_sees_only_the_tenants_users_and_never_a_password_hash()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var (mine, theirs) = (await one.MemberAsync("owner"), await two.MemberAsync("owner"));
        var ids = await _host.Database.Tenants.InTransactionAsync(one.Id, session => session.QueryAsync<Guid>("select id from users"), default);
        ids.ShouldBe([mine.UserId]);
        foreach (var sql in new[]
                 {
                     "select password_hash from users", "select * from users", "select u from users u", "select * from user_sessions", "select * from sign_in_attempts",
                     "select * from user_by_email('a@b')", "update users set name = 'x'", "delete from users", "select * from instance_roles",
                 })
        {
            var refused = await Should.ThrowAsync<Npgsql.PostgresException>(() =>
                _host.Database.Tenants.InTransactionAsync(one.Id, session => session.QueryAsync<object>(sql), default));
            refused.SqlState.ShouldBe(Npgsql.PostgresErrorCodes.InsufficientPrivilege, sql);
        }
        theirs.UserId.ShouldNotBe(mine.UserId);
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        (await everything.QuerySingleAsync<int>("select count(*)::int from users where id = any (@ids) and length(password_hash) > 40", new { ids = new[] { mine.UserId, theirs.UserId } })).ShouldBe(2);
    }

    [Fact]
    public async Task Built_in_roles_come_from_the_catalogue()
    {
        var tenant = await _host.TenantAsync();
        var roles = (await tenant.Operator().GetJsonAsync("/v1/roles")).GetProperty("items").EnumerateArray().ToDictionary(
            r => r.GetProperty("key").GetString()!, r => r.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()!).ToArray());
        roles.Keys.ShouldBe(["owner", "manager", "agent", "viewer"], ignoreOrder: true);
        foreach (var (key, permissions) in Permission.BuiltInRoles)
        {
            roles[key].ShouldBe(permissions, ignoreOrder: true);
        }
        (await tenant.Operator().GetJsonAsync("/v1/permissions")).GetProperty("items").EnumerateArray().Select(p => p.GetProperty("key").GetString()!)
            .ShouldBe(Permission.All, ignoreOrder: true);
    }
}
