using System.Net;
using System.Net.Http.Json;
using Dapper;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class OwnAccountTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string NewPassword = "another horse battery";
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Sessions_are_listed_with_their_device_and_ended_one_by_one_or_all_others_and_only_ones_own()
    {
        var tenant = await _host.TenantAsync();
        var (member, stranger) = (await tenant.MemberAsync("agent"), await tenant.MemberAsync("agent"));
        var (phone, tablet) = (await _host.TokenAsync(member.Email, IdentityHost.Password), await _host.TokenAsync(member.Email, IdentityHost.Password));
        var mine = (await member.Client.GetJsonAsync("/v1/auth/sessions")).GetProperty("items").EnumerateArray().ToList();
        mine.Count.ShouldBe(3);
        mine.Count(s => s.GetProperty("current").GetBoolean()).ShouldBe(1);
        var theirs = (await stranger.Client.GetJsonAsync("/v1/auth/sessions")).GetProperty("items").EnumerateArray().Single().GetProperty("id").GetGuid();

        await (await member.Client.DeleteAsync($"/v1/auth/sessions/{theirs}")).ShouldFailAsync(404, "not_found");
        (await stranger.Client.GetAsync("/v1/auth/session")).EnsureSuccessStatusCode();

        var phones = (await _host.WithCookie(phone).GetJsonAsync("/v1/auth/sessions")).GetProperty("items").EnumerateArray().Single(s => s.GetProperty("current").GetBoolean()).GetProperty("id").GetGuid();
        (await member.Client.DeleteAsync($"/v1/auth/sessions/{phones}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _host.WithCookie(phone).GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _host.WithCookie(tablet).GetAsync("/v1/auth/session")).EnsureSuccessStatusCode();

        var ended = await member.Client.PostAsync("/v1/auth/sessions/end-others", null);
        (await ended.JsonAsync()).GetProperty("ended").GetInt32().ShouldBe(1);
        (await _host.WithCookie(tablet).GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await member.Client.GetAsync("/v1/auth/session")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task The_live_feed_of_a_session_that_was_ended_ends()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var other = _host.WithCookie(await _host.TokenAsync(member.Email, IdentityHost.Password));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        using var feed = await other.GetAsync("/v1/feed", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        feed.EnsureSuccessStatusCode();
        await using var stream = await feed.Content.ReadAsStreamAsync(limit.Token);
        (await member.Client.PostAsync("/v1/auth/sessions/end-others", null, limit.Token)).EnsureSuccessStatusCode();
        var buffer = new byte[4096];
        // What was on its way may still come; then the stream ends by itself.
        while (await stream.ReadAsync(buffer, limit.Token) > 0) { }
        limit.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_person_changes_their_own_name()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("viewer");
        var renamed = await member.Client.PatchAsJsonAsync("/v1/auth/profile", new { name = " Ana Ruiz " });
        (await renamed.JsonAsync()).GetProperty("user").GetProperty("name").GetString().ShouldBe("Ana Ruiz");
        (await member.Client.GetJsonAsync("/v1/auth/session")).GetProperty("user").GetProperty("name").GetString().ShouldBe("Ana Ruiz");
        await (await member.Client.PatchAsJsonAsync("/v1/auth/profile", new { name = "two\nlines" })).ShouldFailAsync(400, "invalid", "name");
    }

    [Fact]
    public async Task A_link_replaces_a_forgotten_password_once()
    {
        var tenant = await _host.TenantAsync();
        var (owner, member) = (await tenant.MemberAsync("owner"), await tenant.MemberAsync("agent"));
        var first = await LinkAsync(owner, member);
        var second = await LinkAsync(owner, member);
        // A newer link replaces the older one; the old password holds until it is used.
        await (await UseAsync(first, NewPassword)).ShouldFailAsync(400, "invalid", "link");
        (await member.Client.GetAsync("/v1/auth/session")).EnsureSuccessStatusCode();
        await (await UseAsync(second, "short")).ShouldFailAsync(400, "invalid", "password");
        (await UseAsync(second, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await member.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var session = await (await _host.Client().SignInAsync(member.Email, NewPassword)).JsonAsync();
        session.GetProperty("mustChangePassword").GetBoolean().ShouldBeFalse();
        await (await UseAsync(second, NewPassword)).ShouldFailAsync(400, "invalid", "link");
        await (await UseAsync(null, NewPassword)).ShouldFailAsync(400, "invalid", "link");

        // Whatever else sets the password makes the link worthless, and so does a day.
        var third = await LinkAsync(owner, member);
        (await owner.Client.PostAsync($"/v1/members/{member.UserId}/password", null)).EnsureSuccessStatusCode();
        await (await UseAsync(third, NewPassword)).ShouldFailAsync(400, "invalid", "link");
        var fourth = await LinkAsync(owner, member);
        _host.Time.Advance(TimeSpan.FromHours(25));
        await (await UseAsync(fourth, NewPassword)).ShouldFailAsync(400, "invalid", "link");
    }

    [Fact]
    public async Task Nobody_makes_a_link_for_who_holds_more_or_belongs_elsewhere()
    {
        var (tenant, foreign) = (await _host.TenantAsync(), await _host.TenantAsync());
        var owner = await tenant.MemberAsync("owner");
        var (_, key) = await tenant.ApiKeyAsync("members:write", "members:read");
        await (await _host.Client(key).PostAsync($"/v1/members/{owner.UserId}/password-link", null)).ShouldFailAsync(403, "role.exceeds_yours");
        await (await foreign.Operator().PostAsync($"/v1/members/{owner.UserId}/password-link", null)).ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task Who_took_a_session_does_not_take_the_account_over_as_one_of_the_members()
    {
        var tenant = await _host.TenantAsync();
        var (owner, other) = (await tenant.MemberAsync("owner"), await tenant.MemberAsync("owner"));
        await (await owner.Client.PostAsync($"/v1/members/{owner.UserId}/password-link", null)).ShouldFailAsync(409, "member.oneself");
        await (await owner.Client.PostAsync($"/v1/members/{owner.UserId}/password", null)).ShouldFailAsync(409, "member.oneself");
        await (await owner.Client.DeleteAsync($"/v1/members/{owner.UserId}/second-factor")).ShouldFailAsync(409, "member.oneself");
        (await owner.Client.GetAsync("/v1/auth/session")).EnsureSuccessStatusCode();
        (await _host.Client().SignInAsync(owner.Email, IdentityHost.Password)).EnsureSuccessStatusCode();
        // Another owner still helps.
        (await UseAsync(await LinkAsync(other, owner), NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_link_does_not_outlive_what_its_maker_was_allowed()
    {
        var (tenant, foreign) = (await _host.TenantAsync(), await _host.TenantAsync());
        var (owner, maker) = (await tenant.MemberAsync("owner"), await tenant.MemberAsync("owner"));
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();

        var promoted = await tenant.MemberAsync("agent");
        var link = await LinkAsync(owner, promoted);
        (await owner.Client.PatchAsJsonAsync($"/v1/members/{promoted.UserId}", new { role = "manager" })).EnsureSuccessStatusCode();
        await (await UseAsync(link, NewPassword)).ShouldFailAsync(400, "invalid", "link");
        (await UseAsync(await LinkAsync(owner, promoted), NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var made = await (await owner.Client.PostAsJsonAsync("/v1/roles", new { name = "Widened", permissions = new[] { "members:read" } })).JsonAsync();
        var widened = await tenant.MemberAsync(made.GetProperty("key").GetString()!);
        link = await LinkAsync(owner, widened);
        (await owner.Client.PatchAsJsonAsync("/v1/roles/" + made.GetProperty("key").GetString(), new { permissions = new[] { "members:read", "members:write" } })).EnsureSuccessStatusCode();
        await (await UseAsync(link, NewPassword)).ShouldFailAsync(400, "invalid", "link");

        var joined = await tenant.MemberAsync("agent");
        link = await LinkAsync(owner, joined);
        var code = (await (await foreign.Operator().PostAsJsonAsync("/v1/invitations", new { email = joined.Email, role = "viewer" })).JsonAsync()).GetProperty("code").GetString();
        (await joined.Client.PostAsJsonAsync("/v1/auth/invitations", new { code })).EnsureSuccessStatusCode();
        await (await UseAsync(link, NewPassword)).ShouldFailAsync(400, "invalid", "link");
        // Nor is it used where one was left: the check is made again.
        await everything.ExecuteAsync("""
            insert into password_links (user_id, tenant_id, made_by, code_hash, created_at, expires_at)
            values (@user, @tenant, null, sha256(convert_to('pw_left', 'UTF8')), @now, @now + interval '1 day')
            """, new { user = joined.UserId, tenant = tenant.Id, now = _host.Time.GetUtcNow() });
        await (await UseAsync("pw_left", NewPassword)).ShouldFailAsync(400, "invalid", "link");

        var operators = await tenant.MemberAsync("agent");
        link = await LinkAsync(owner, operators);
        await everything.ExecuteAsync("insert into instance_roles values (@UserId, 'operator')", new { operators.UserId });
        await (await UseAsync(link, NewPassword)).ShouldFailAsync(400, "invalid", "link");

        var left = await tenant.MemberAsync("agent");
        link = await LinkAsync(maker, left);
        (await owner.Client.DeleteAsync($"/v1/members/{maker.UserId}")).EnsureSuccessStatusCode();
        await (await UseAsync(link, NewPassword)).ShouldFailAsync(400, "invalid", "link");
    }

    [Fact]
    public async Task No_link_is_made_for_another_role_than_the_one_that_was_looked_at()
    {
        var tenant = await _host.TenantAsync();
        var (owner, agent) = (await tenant.MemberAsync("owner"), await tenant.MemberAsync("agent"));
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        Task<string?> MakeAsync(string role, Guid maker) => everything.QuerySingleAsync<string?>("""
            select member_password_link(@tenant, @user, @role, sha256(convert_to(@role, 'UTF8')), @now + interval '1 day', 'user', @maker, null, gen_random_uuid(), @now)
            """, new { tenant = tenant.Id, user = agent.UserId, role, maker, now = _host.Time.GetUtcNow() });
        (await MakeAsync("viewer", owner.UserId)).ShouldBe("changed");
        (await MakeAsync("agent", Guid.CreateVersion7())).ShouldBe("changed");
        (await MakeAsync("agent", owner.UserId)).ShouldBe("made");
    }

    [Fact]
    public async Task The_list_of_ones_sessions_has_an_end()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        await everything.ExecuteAsync("""
            insert into user_sessions (id, token_hash, user_id, tenant_id, created_at, seen_at, expires_at)
            select gen_random_uuid(), sha256(convert_to(@user::text || n, 'UTF8')), @user, @tenant, @now - interval '1 hour', @now - interval '1 hour', @now + interval '1 day' from generate_series(1, 220) n
            """, new { user = member.UserId, tenant = tenant.Id, now = _host.Time.GetUtcNow() });
        var items = (await member.Client.GetJsonAsync("/v1/auth/sessions")).GetProperty("items").EnumerateArray().ToList();
        items.Count.ShouldBe(200);
        items[0].GetProperty("current").GetBoolean().ShouldBeTrue();
    }

    private static async Task<string> LinkAsync(SignedIn owner, SignedIn member)
    {
        var made = await owner.Client.PostAsync($"/v1/members/{member.UserId}/password-link", null);
        made.EnsureSuccessStatusCode();
        return (await made.JsonAsync()).GetProperty("code").GetString()!;
    }

    private async Task<HttpResponseMessage> UseAsync(string? link, string password) => await _host.Client().PostAsJsonAsync("/v1/auth/password-link", new { link, password });
}
