using System.Net;
using System.Net.Http.Json;
using Dapper;
using Parley.Platform.Authorization;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class SignInTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_member_signs_in_and_sees_the_session()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var session = await member.Client.GetJsonAsync("/v1/auth/session");
        session.GetProperty("user").GetProperty("email").GetString().ShouldBe(member.Email);
        session.GetProperty("tenant").GetProperty("id").GetGuid().ShouldBe(tenant.Id);
        session.GetProperty("tenants").EnumerateArray().Single().GetProperty("slug").GetString().ShouldBe(tenant.Slug);
        session.GetProperty("role").GetString().ShouldBe("agent");
        session.GetProperty("isOperator").GetBoolean().ShouldBeFalse();
        session.GetProperty("mustChangePassword").GetBoolean().ShouldBeFalse();
        session.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()!).ShouldBe(Permission.BuiltInRoles["agent"], ignoreOrder: true);
        session.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(_host.Time.GetUtcNow().AddHours(11));
    }

    [Fact]
    public async Task The_cookie_is_hidden_from_scripts_and_other_sites_and_the_database_keeps_only_a_hash()
    {
        var tenant = await _host.TenantAsync();
        var email = IdentityHost.NewEmail();
        var (_, password) = await tenant.AddAsync(email, "viewer");
        using var response = await _host.Client().SignInAsync(email.ToUpperInvariant(), password);
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldStartWith("parley_session=");
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
        cookie.ShouldContain("path=/");
        var token = response.SessionToken();
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        (await everything.QuerySingleAsync<int>("select count(*)::int from user_sessions s where s::text like '%' || @token || '%'", new { token })).ShouldBe(0);
    }

    [Theory]
    [InlineData("", "x", "email")]
    [InlineData("no-address", "x", "email")]
    [InlineData("a@b@c", "x", "email")]
    [InlineData("ana@example.com", "", "password")]
    public async Task A_request_that_lacks_something_is_told_which_field(string email, string password, string field)
    {
        using var response = await _host.Client().SignInAsync(email, password);
        await response.ShouldFailAsync(400, "invalid", field);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        var tenant = await _host.TenantAsync();
        var email = IdentityHost.NewEmail();
        await tenant.AddAsync(email, "viewer");
        using var wrong = await _host.Client().SignInAsync(email, "not the password");
        await wrong.ShouldFailAsync(401, "auth.failed");
        using var unknown = await _host.Client().SignInAsync(IdentityHost.NewEmail(), "not the password");
        await unknown.ShouldFailAsync(401, "auth.failed");
        (await unknown.JsonAsync()).EnumerateObject().Where(p => p.Name != "traceId").Select(p => p.ToString())
            .ShouldBe((await wrong.JsonAsync()).EnumerateObject().Where(p => p.Name != "traceId").Select(p => p.ToString()));
        wrong.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Five_failures_lock_an_address_whether_it_has_an_account_or_not_and_time_opens_it()
    {
        var tenant = await _host.TenantAsync();
        var email = IdentityHost.NewEmail();
        var (_, password) = await tenant.AddAsync(email, "viewer");
        foreach (var address in new[] { email, IdentityHost.NewEmail() })
        {
            for (var i = 0; i < 5; i++)
            {
                using var failed = await _host.Client().SignInAsync(address, "wrong password " + i);
                await failed.ShouldFailAsync(401, "auth.failed");
            }
            using var locked = await _host.Client().SignInAsync(address, password);
            await locked.ShouldFailAsync(429, "auth.locked");
            locked.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(800, 900);
        }
        _host.Time.Advance(TimeSpan.FromMinutes(16));
        using var again = await _host.Client().SignInAsync(email, password);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Parallel_guesses_do_not_pass_the_limit_together()
    {
        var tenant = await _host.TenantAsync();
        var email = IdentityHost.NewEmail();
        await tenant.AddAsync(email, "viewer");
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _host.Client().SignInAsync(email, "guess number " + i)));
        responses.Count(r => r.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(5);
        responses.Count(r => r.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(15);
    }

    [Fact]
    public async Task One_network_address_that_guesses_for_many_accounts_is_slowed_down()
    {
        await using var strict = await IdentityHost.StartAsync(postgres, signInsPerMinute: 3);
        var refused = 0;
        for (var i = 0; i < 10; i++)
        {
            // The minute may end between two of these; twice three is less than ten.
            using var response = await strict.Client().SignInAsync(IdentityHost.NewEmail(), "some password");
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                await response.ShouldFailAsync(429, "too_many_requests");
                response.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 60);
                refused++;
            }
        }
        refused.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task A_right_password_starts_the_count_anew()
    {
        var tenant = await _host.TenantAsync();
        var email = IdentityHost.NewEmail();
        var (_, password) = await tenant.AddAsync(email, "viewer");
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                using var failed = await _host.Client().SignInAsync(email, "wrong password");
                await failed.ShouldFailAsync(401, "auth.failed");
            }
            using var right = await _host.Client().SignInAsync(email, password);
            right.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Signing_in_always_makes_a_new_token_and_ends_the_session_that_the_browser_brought()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("viewer");
        using var response = await member.Client.SignInAsync(member.Email, IdentityHost.Password);
        var token = response.SessionToken();
        token.ShouldNotBe(member.Token);
        (await _host.WithCookie(token).GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _host.WithCookie(member.Token).GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_first_password_opens_nothing_but_its_own_change()
    {
        var tenant = await _host.TenantAsync();
        var email = IdentityHost.NewEmail();
        var (_, temporary) = await tenant.AddAsync(email, "owner");
        var client = _host.Client();
        client.DefaultRequestHeaders.Add(Access.CsrfHeader, "1");
        var session = await (await client.SignInAsync(email, temporary)).JsonAsync();
        session.GetProperty("mustChangePassword").GetBoolean().ShouldBeTrue();
        session.GetProperty("permissions").GetArrayLength().ShouldBe(0);
        await (await client.GetAsync("/v1/members")).ShouldFailAsync(403, "forbidden");
        await (await ChangeAsync(client, "not it at all", "a new password 1")).ShouldFailAsync(400, "invalid", "current");
        await (await ChangeAsync(client, temporary, "short")).ShouldFailAsync(400, "invalid", "next");
        await (await ChangeAsync(client, temporary, "my " + email + "!")).ShouldFailAsync(400, "invalid", "next");
        await (await ChangeAsync(client, temporary, temporary)).ShouldFailAsync(400, "invalid", "next");
        await (await ChangeAsync(client, temporary, "aaaaaaaaaaaaaaaa")).ShouldFailAsync(400, "invalid", "next");
        (await ChangeAsync(client, temporary, "a new password 1")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.GetAsync("/v1/members")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await _host.Client().SignInAsync(email, temporary)).ShouldFailAsync(401, "auth.failed");
    }

    [Fact]
    public async Task Changing_the_password_ends_the_users_other_sessions()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("viewer");
        var other = _host.Client();
        (await other.SignInAsync(member.Email, IdentityHost.Password)).EnsureSuccessStatusCode();
        (await ChangeAsync(member.Client, IdentityHost.Password, "another good password")).EnsureSuccessStatusCode();
        (await other.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await member.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_at_once_and_takes_the_cookie_away()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("viewer");
        var token = member.Token;
        using var response = await member.Client.PostAsync("/v1/auth/sign-out", null);
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        response.Headers.GetValues("Set-Cookie").Single().ShouldContain("parley_session=;");
        await (await _host.WithCookie(token).GetAsync("/v1/auth/session")).ShouldFailAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task A_session_ends_when_idle_and_in_any_case_after_thirty_days()
    {
        var tenant = await _host.TenantAsync();
        var idle = await tenant.MemberAsync("viewer");
        var busy = await tenant.MemberAsync("viewer");
        for (var hours = 0; hours < 24; hours += 8)
        {
            _host.Time.Advance(TimeSpan.FromHours(8));
            (await busy.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        (await idle.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        for (var hours = 24; hours < 30 * 24 - 8; hours += 8)
        {
            _host.Time.Advance(TimeSpan.FromHours(8));
            (await busy.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        _host.Time.Advance(TimeSpan.FromHours(8));
        (await busy.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("' or 1=1 --")]
    public async Task A_forged_cookie_is_nobody(string token) =>
        await (await _host.WithCookie(token).GetAsync("/v1/auth/session")).ShouldFailAsync(401, "unauthenticated");

    [Fact]
    public async Task With_the_cookie_unsafe_requests_need_the_header_and_our_own_origin()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("owner");
        var token = member.Token;
        var bare = _host.WithCookie(token);
        await (await bare.PostAsJsonAsync("/v1/api-keys", new { name = "x", scopes = new[] { "members:read" } })).ShouldFailAsync(403, "forbidden");
        await (await bare.PostAsync("/v1/auth/sign-out", null)).ShouldFailAsync(403, "forbidden");
        var foreign = _host.WithCookie(token);
        foreign.DefaultRequestHeaders.Add(Access.CsrfHeader, "1");
        foreign.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        await (await foreign.PostAsync("/v1/auth/sign-out", null)).ShouldFailAsync(403, "forbidden");
        (await member.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> ChangeAsync(HttpClient client, string current, string next) =>
        client.PostAsJsonAsync("/v1/auth/password", new { current, next });
}
