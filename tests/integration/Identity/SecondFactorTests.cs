using System.Net;
using System.Net.Http.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class SecondFactorTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Who_has_one_signs_in_with_password_and_code_and_no_code_opens_twice()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var other = _host.WithCookie(await _host.TokenAsync(member.Email, IdentityHost.Password));
        var (secret, codes) = await EnableAsync(member);
        codes.Count.ShouldBe(10);

        // Sessions that were opened without it have ended; the one that set it up goes on.
        (await other.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await member.Client.GetJsonAsync("/v1/auth/session")).GetProperty("hasSecondFactor").GetBoolean().ShouldBeTrue();

        await (await SignInAsync(member, null)).ShouldFailAsync(401, "auth.second_factor_needed");
        await (await _host.Client().SignInAsync(member.Email, "a wrong password")).ShouldFailAsync(401, "auth.failed");
        // The code that confirmed it was used by that.
        await (await SignInAsync(member, CodeOf(secret))).ShouldFailAsync(401, "auth.second_factor_wrong", "passcode");
        NextStep();
        var code = CodeOf(secret);
        (await SignInAsync(member, code)).EnsureSuccessStatusCode();
        await (await SignInAsync(member, code)).ShouldFailAsync(401, "auth.second_factor_wrong", "passcode");
    }

    [Fact]
    public async Task Of_the_same_code_at_the_same_moment_one_opens()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var (secret, _) = await EnableAsync(member);
        NextStep();
        var code = CodeOf(secret);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SignInAsync(member, code)));
        answers.Count(a => a.IsSuccessStatusCode).ShouldBe(1);
    }

    [Fact]
    public async Task Guesses_at_the_code_lock_the_account_as_guesses_at_the_password_do()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var (secret, _) = await EnableAsync(member);
        NextStep();
        // A right password between two guesses does not start the count anew.
        foreach (var guess in new[] { "000000", null, "111111", null, "222222" })
        {
            (await SignInAsync(member, guess == CodeOf(secret) ? "999999" : guess)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
        await (await SignInAsync(member, CodeOf(secret))).ShouldFailAsync(429, "auth.locked");
        _host.Time.Advance(TimeSpan.FromMinutes(16));
        (await SignInAsync(member, CodeOf(secret))).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_password_alone_does_not_start_the_count_of_guesses_at_the_code_anew(bool byChange)
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var (secret, _) = await EnableAsync(member);
        NextStep();
        var password = IdentityHost.Password;
        for (var n = 0; n < 5; n++)
        {
            if (n % 2 == 0)
            {
                var guess = CodeOf(secret) == "000000" ? "111111" : "000000";
                await (await SignInAsync(member, guess, password)).ShouldFailAsync(401, "auth.second_factor_wrong");
            }
            else if (byChange)
            {
                var next = IdentityHost.Password + n;
                (await member.Client.PostAsJsonAsync("/v1/auth/password", new { current = password, next })).EnsureSuccessStatusCode();
                password = next;
            }
            else
            {
                await (await member.Client.PostAsJsonAsync("/v1/auth/second-factor", new { password })).ShouldFailAsync(409, "second_factor.exists");
            }
        }
        await (await SignInAsync(member, CodeOf(secret), password)).ShouldFailAsync(429, "auth.locked");
    }

    [Fact]
    public async Task A_sign_in_that_is_under_way_when_it_is_switched_on_opens_nothing()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        await using var transaction = await everything.BeginTransactionAsync();
        await everything.ExecuteAsync("""
            update users set second_factor_at = @now where id = @UserId;
            insert into user_factors (user_id, secret, created_at) values (@UserId, '\x00', @now)
            """, new { member.UserId, now = _host.Time.GetUtcNow() }, transaction);
        var signIn = SignInAsync(member, null);
        // It has looked for a second factor, found none yet, and waits for the account's row.
        while (!signIn.IsCompleted && !await everything.QuerySingleAsync<bool>("select exists (select 1 from pg_locks where not granted and transactionid = pg_current_xact_id()::xid)", transaction: transaction))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        await transaction.CommitAsync();
        await (await signIn).ShouldFailAsync(401, "auth.second_factor_needed");
        (await everything.QuerySingleAsync<int>("select count(*)::int from user_sessions where user_id = @UserId", new { member.UserId })).ShouldBe(1);
    }

    [Fact]
    public async Task A_recovery_code_opens_once_and_is_told_in_the_log()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var (secret, codes) = await EnableAsync(member);
        (await SignInAsync(member, codes[3].ToUpperInvariant())).EnsureSuccessStatusCode();
        await (await SignInAsync(member, codes[3])).ShouldFailAsync(401, "auth.second_factor_wrong");
        (await member.Client.GetJsonAsync("/v1/auth/second-factor")).GetProperty("recoveryCodesLeft").GetInt32().ShouldBe(9);
        (await tenant.Operator().GetJsonAsync("/v1/audit?action=auth.recovery_code_used")).GetProperty("items").GetArrayLength().ShouldBe(1);

        // New ones make the old ones worthless.
        NextStep();
        var replaced = await member.Client.PostAsJsonAsync("/v1/auth/second-factor/recovery-codes", new { passcode = CodeOf(secret) });
        replaced.EnsureSuccessStatusCode();
        await (await SignInAsync(member, codes[4])).ShouldFailAsync(401, "auth.second_factor_wrong");
        var fresh = (await replaced.JsonAsync()).GetProperty("codes").EnumerateArray().First().GetString()!;
        (await SignInAsync(member, fresh)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_stolen_session_sets_nothing_up_and_switches_nothing_off()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        await (await member.Client.PostAsJsonAsync("/v1/auth/second-factor", new { password = "a wrong password" })).ShouldFailAsync(400, "invalid", "password");
        await (await member.Client.PostAsJsonAsync("/v1/auth/second-factor/confirm", new { passcode = "123456" })).ShouldFailAsync(409, "second_factor.not_begun");
        var (secret, _) = await EnableAsync(member);
        NextStep();
        await (await member.Client.PostAsJsonAsync("/v1/auth/second-factor", new { password = IdentityHost.Password })).ShouldFailAsync(409, "second_factor.exists");
        await (await member.Client.PostAsJsonAsync("/v1/auth/second-factor/disable", new { password = IdentityHost.Password, passcode = "000000" })).ShouldFailAsync(400, "invalid", "passcode");
        (await member.Client.PostAsJsonAsync("/v1/auth/second-factor/disable", new { password = IdentityHost.Password, passcode = CodeOf(secret) })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _host.Client().SignInAsync(member.Email, IdentityHost.Password)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_role_that_asks_for_one_lets_its_members_do_nothing_else_before()
    {
        var tenant = await _host.TenantAsync();
        var (owner, agent) = (await tenant.MemberAsync("owner"), await tenant.MemberAsync("agent"));
        (await agent.Client.GetAsync("/v1/conversations")).EnsureSuccessStatusCode();
        (await owner.Client.PatchAsJsonAsync("/v1/roles/agent", new { requiresSecondFactor = true })).EnsureSuccessStatusCode();
        await (await agent.Client.GetAsync("/v1/conversations")).ShouldFailAsync(403, "forbidden");
        (await agent.Client.GetJsonAsync("/v1/auth/session")).GetProperty("mustSetUpSecondFactor").GetBoolean().ShouldBeTrue();
        await EnableAsync(agent);
        (await agent.Client.GetAsync("/v1/conversations")).EnsureSuccessStatusCode();
        await (await agent.Client.PostAsJsonAsync("/v1/auth/second-factor/disable", new { password = IdentityHost.Password, passcode = "000000" })).ShouldFailAsync(409, "second_factor.required");

        // Nobody locks themselves out of their own workspace by it.
        await (await owner.Client.PatchAsJsonAsync("/v1/roles/owner", new { requiresSecondFactor = true })).ShouldFailAsync(409, "second_factor.own_first");
        await EnableAsync(owner);
        (await owner.Client.PatchAsJsonAsync("/v1/roles/owner", new { requiresSecondFactor = true })).EnsureSuccessStatusCode();
        (await owner.Client.GetAsync("/v1/members")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Only_an_owner_takes_the_need_of_it_away_and_nobody_leaves_it_by_another_role()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        async Task<string> RoleAsync(string name, bool requiresSecondFactor) => (await (await owner.Client.PostAsJsonAsync("/v1/roles",
            new { name, permissions = new[] { "members:read", "members:write" }, requiresSecondFactor })).JsonAsync()).GetProperty("key").GetString()!;
        var (strict, free) = (await RoleAsync("Strict", false), await RoleAsync("Free", false));
        var member = await tenant.MemberAsync(strict);
        await EnableAsync(member);
        (await member.Client.PatchAsJsonAsync($"/v1/roles/{strict}", new { requiresSecondFactor = true })).EnsureSuccessStatusCode();
        await (await member.Client.PatchAsJsonAsync($"/v1/roles/{strict}", new { requiresSecondFactor = false })).ShouldFailAsync(403, "role.owner_only");
        await (await member.Client.PatchAsJsonAsync($"/v1/members/{member.UserId}", new { role = free })).ShouldFailAsync(403, "role.owner_only");
        (await member.Client.PatchAsJsonAsync($"/v1/roles/{strict}", new { name = "Still strict" })).EnsureSuccessStatusCode();
        (await owner.Client.PatchAsJsonAsync($"/v1/roles/{strict}", new { requiresSecondFactor = false })).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task An_owner_takes_it_from_a_member_who_lost_it_and_from_nobody_elses()
    {
        var (tenant, foreign) = (await _host.TenantAsync(), await _host.TenantAsync());
        var (owner, agent) = (await tenant.MemberAsync("owner"), await tenant.MemberAsync("agent"));
        var path = $"/v1/members/{agent.UserId}/second-factor";
        await (await owner.Client.DeleteAsync(path)).ShouldFailAsync(409, "second_factor.none");
        await EnableAsync(agent);
        await (await foreign.Operator().DeleteAsync(path)).ShouldFailAsync(404, "not_found");
        await (await agent.Client.DeleteAsync(path)).ShouldFailAsync(403, "forbidden");
        (await tenant.Operator().GetJsonAsync("/v1/members")).GetProperty("items").EnumerateArray().Single(m => m.GetProperty("userId").GetGuid() == agent.UserId).GetProperty("secondFactor").GetBoolean().ShouldBeTrue();
        (await owner.Client.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await agent.Client.GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _host.Client().SignInAsync(agent.Email, IdentityHost.Password)).EnsureSuccessStatusCode();
        (await tenant.Operator().GetJsonAsync("/v1/audit?q=second_factor_reset")).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task An_account_of_two_workspaces_is_weakened_by_neither_and_the_machine_is_the_last_resort()
    {
        var (one, two) = (await _host.TenantAsync(), await _host.TenantAsync());
        var member = await one.MemberAsync("agent");
        var code = (await (await two.Operator().PostAsJsonAsync("/v1/invitations", new { email = member.Email, role = "viewer" })).JsonAsync()).GetProperty("code").GetString();
        (await member.Client.PostAsJsonAsync("/v1/auth/invitations", new { code })).EnsureSuccessStatusCode();
        await EnableAsync(member);
        await (await one.Operator().DeleteAsync($"/v1/members/{member.UserId}/second-factor")).ShouldFailAsync(409, "member.shared_account");
        var reset = (await _host.Services.GetRequiredService<Bootstrap>().ResetOperatorAsync(member.Email, default)).Value;
        (await _host.Client().SignInAsync(member.Email, reset.Password)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Secret_and_recovery_codes_are_kept_under_the_master_key()
    {
        var tenant = await _host.TenantAsync();
        var member = await tenant.MemberAsync("agent");
        var (secret, _) = await EnableAsync(member);
        await using var owner = await _host.Database.Owner.OpenConnectionAsync();
        var kept = await owner.QuerySingleAsync<byte[]>("select secret from user_factors where user_id = @id", new { id = member.UserId });
        kept.AsSpan().IndexOf(secret).ShouldBe(-1);
        kept.Length.ShouldBe(secret.Length + 28);
    }

    private static string CodeAt(byte[] secret, DateTimeOffset now) => Totp.Code(secret, Totp.StepAt(now));

    private string CodeOf(byte[] secret) => CodeAt(secret, _host.Time.GetUtcNow());

    private void NextStep() => _host.Time.Advance(TimeSpan.FromSeconds(60));

    private async Task<HttpResponseMessage> SignInAsync(SignedIn member, string? passcode, string password = IdentityHost.Password) =>
        await _host.Client().PostAsJsonAsync("/v1/auth/sign-in", new { email = member.Email, password, passcode });

    private async Task<(byte[] Secret, IReadOnlyList<string> Codes)> EnableAsync(SignedIn member)
    {
        var begun = await member.Client.PostAsJsonAsync("/v1/auth/second-factor", new { password = IdentityHost.Password });
        begun.EnsureSuccessStatusCode();
        var secret = FromBase32((await begun.JsonAsync()).GetProperty("secret").GetString()!);
        await (await member.Client.PostAsJsonAsync("/v1/auth/second-factor/confirm", new { passcode = "abc" })).ShouldFailAsync(400, "invalid", "passcode");
        var confirmed = await member.Client.PostAsJsonAsync("/v1/auth/second-factor/confirm", new { passcode = CodeOf(secret) });
        confirmed.EnsureSuccessStatusCode();
        return (secret, [.. (await confirmed.JsonAsync()).GetProperty("codes").EnumerateArray().Select(c => c.GetString()!)]);
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}
