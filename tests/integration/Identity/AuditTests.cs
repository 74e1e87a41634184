using System.Net.Http.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Schedules;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class AuditTests(PostgresFixture postgres) : IAsyncLifetime
{
    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Every_change_is_recorded_with_who_and_what()
    {
        var tenant = await _host.TenantAsync();
        var owner = await tenant.MemberAsync("owner");
        var (agentId, _) = await AddAsync(owner, "agent");
        (await owner.Client.PatchAsJsonAsync("/v1/members/" + agentId, new { role = "viewer" })).EnsureSuccessStatusCode();
        (await owner.Client.DeleteAsync("/v1/members/" + agentId)).EnsureSuccessStatusCode();
        var key = await (await owner.Client.PostAsJsonAsync("/v1/api-keys", new { name = "k", scopes = new[] { "members:read" } })).JsonAsync();
        (await owner.Client.DeleteAsync("/v1/api-keys/" + key.GetProperty("id").GetGuid())).EnsureSuccessStatusCode();
        var invitation = await (await owner.Client.PostAsJsonAsync("/v1/invitations", new { email = IdentityHost.NewEmail(), role = "viewer" })).JsonAsync();
        (await owner.Client.DeleteAsync("/v1/invitations/" + invitation.GetProperty("id").GetGuid())).EnsureSuccessStatusCode();
        (await owner.Client.PostAsync("/v1/auth/sign-out", null)).EnsureSuccessStatusCode();

        var entries = (await tenant.Operator().GetJsonAsync("/v1/audit")).GetProperty("items").EnumerateArray().Reverse().ToList();
        entries.Select(e => e.GetProperty("action").GetString()).ShouldBe(
        [
            "member.added", "auth.signed_in", "auth.password_changed", "member.added", "member.role_changed", "member.removed",
            "api_key.created", "api_key.revoked", "member.invited", "member.invitation_withdrawn", "auth.signed_out",
        ]);
        entries[0].GetProperty("actorKind").GetString().ShouldBe("operator");
        foreach (var entry in entries.Skip(1))
        {
            entry.GetProperty("actorKind").GetString().ShouldBe("user");
            entry.GetProperty("actorId").GetGuid().ShouldBe(owner.UserId);
            entry.GetProperty("actorName").GetString().ShouldBe("Member of " + tenant.Slug);
        }
        entries[4].GetProperty("targetId").GetString().ShouldBe(agentId.ToString());
        entries[4].GetProperty("payload").GetRawText().ShouldBe("""{"to":"viewer","from":"agent"}""");
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        (await everything.QuerySingleAsync<int>("select count(*)::int from audit where tenant_id = @Id and actor_kind = 'user' and ip is null", new { tenant.Id })).ShouldBe(0);
    }

    [Fact]
    public async Task A_row_is_written_with_its_change_or_not_at_all()
    {
        var tenant = await _host.TenantAsync();
        var log = _host.Services.GetRequiredService<AuditLog>();
        await Should.ThrowAsync<InvalidOperationException>(() => _host.Database.Tenants.InTransactionAsync(tenant.Id, async session =>
        {
            await log.WriteAsync(session, AuditActor.System, "thing.happened", "thing", "1");
            throw new InvalidOperationException("The change fails.");
        }, default));
        (await tenant.Operator().GetJsonAsync("/v1/audit")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task The_application_can_neither_change_nor_remove_a_row()
    {
        var tenant = await _host.TenantAsync();
        foreach (var sql in new[] { "update audit set action = 'x.y'", "delete from audit", "update audit_chain set position = 1", "delete from audit_chain" })
        {
            var refused = await Should.ThrowAsync<Npgsql.PostgresException>(() =>
                _host.Database.Tenants.InTransactionAsync(tenant.Id, session => session.ExecuteAsync(sql), default));
            refused.SqlState.ShouldBe(Npgsql.PostgresErrorCodes.InsufficientPrivilege, sql);
        }
    }

    [Fact]
    public async Task The_log_is_read_in_pages_the_newest_first()
    {
        var tenant = await _host.TenantAsync();
        await WriteAsync(tenant.Id, 7);
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await tenant.Operator().GetJsonAsync("/v1/audit?limit=3" + (next is null ? "" : "&cursor=" + next));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("targetId").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        seen.ShouldBe(["6", "5", "4", "3", "2", "1", "0"]);
    }

    [Fact]
    public async Task An_untouched_log_verifies_also_over_several_runs_of_the_worker()
    {
        var tenant = await _host.TenantAsync();
        await WriteAsync(tenant.Id, 3);
        (await _host.Database.System.QueryAsync<Guid>("select * from audit_unchained_tenants()", null, default)).ShouldContain(tenant.Id);
        await ChainAsync(tenant.Id);
        await WriteAsync(tenant.Id, 2);
        await ChainAsync(tenant.Id);
        await ChainAsync(tenant.Id);
        (await _host.Database.System.QueryAsync<Guid>("select * from audit_unchained_tenants()", null, default)).ShouldNotContain(tenant.Id);
        var verification = await VerifyAsync(tenant.Id);
        verification.Problems.ShouldBeEmpty();
        verification.Links.ShouldBe(5);
        verification.Unchained.ShouldBe(0);
    }

    [Theory]
    [InlineData("update audit set action = 'thing.forged' where target_id = '1'", "was changed")]
    [InlineData("update audit set actor_id = gen_random_uuid() where target_id = '1'", "was changed")]
    [InlineData("update audit set payload = '{\"number\": 99}' where target_id = '1'", "payload")]
    [InlineData("update audit set payload = '{\"number\": 99}', payload_salt = null where target_id = '1'", "payload")]
    [InlineData("delete from audit where target_id = '1'", "is missing")]
    [InlineData("delete from audit_chain where position = 2", "missing")]
    [InlineData("update audit_chain set hash = sha256('x') where position = 2", "does not follow")]
    [InlineData("update audit_chain c set row_hash = (select row_hash from audit_chain d where d.tenant_id = c.tenant_id and d.position = 3) where position = 2", "does not follow")]
    public async Task Whoever_changes_the_log_in_the_database_is_found_out(string tampering, string problem)
    {
        var tenant = await _host.TenantAsync();
        await WriteAsync(tenant.Id, 4);
        await ChainAsync(tenant.Id);
        (await VerifyAsync(tenant.Id)).Intact.ShouldBeTrue();
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        (await everything.ExecuteAsync(tampering + " and tenant_id = @Id", new { tenant.Id })).ShouldBe(1);
        var verification = await VerifyAsync(tenant.Id);
        verification.Intact.ShouldBeFalse();
        verification.Problems.ShouldContain(p => p.Contains(problem, StringComparison.Ordinal), string.Join("\n", verification.Problems));
    }

    [Fact]
    public async Task The_schedule_chains_the_tenants_that_need_it()
    {
        var tenant = await _host.TenantAsync();
        await WriteAsync(tenant.Id, 3);
        var schedule = _host.Services.GetServices<Schedule>().Single(s => s.Name == "identity.audit_chain");
        await schedule.RunAsync(_host.Services, default);
        for (var i = 0; i < 200 && (await VerifyAsync(tenant.Id)).Links < 3; i++)
        {
            await Task.Delay(50);
        }
        var verification = await VerifyAsync(tenant.Id);
        (verification.Links, verification.Unchained, verification.Intact).ShouldBe((3L, 0, true));
    }

    [Fact]
    public async Task A_payload_can_be_erased_and_the_chain_stays_whole()
    {
        var tenant = await _host.TenantAsync();
        await WriteAsync(tenant.Id, 4);
        await ChainAsync(tenant.Id);
        await using var everything = await _host.Database.Everything.OpenConnectionAsync();
        await everything.ExecuteAsync("update audit set payload = null, payload_salt = null, ip = null where target_id = '1' and tenant_id = @Id", new { tenant.Id });
        (await VerifyAsync(tenant.Id)).Problems.ShouldBeEmpty();
    }

    private static async Task<(Guid Id, string Password)> AddAsync(SignedIn owner, string role)
    {
        var added = await (await owner.Client.PostAsJsonAsync("/v1/members", new { email = IdentityHost.NewEmail(), name = "Added", role })).JsonAsync();
        return (added.GetProperty("userId").GetGuid(), added.GetProperty("temporaryPassword").GetString()!);
    }

    private async Task WriteAsync(Guid tenantId, int count)
    {
        var log = _host.Services.GetRequiredService<AuditLog>();
        for (var i = 0; i < count; i++)
        {
            _host.Time.Advance(TimeSpan.FromMilliseconds(5));
            await _host.Database.Tenants.InTransactionAsync(tenantId, session => log.WriteAsync(session,
                new AuditActor("user", Guid.CreateVersion7(), "192.0.2.1"), "thing.happened", "thing", i.ToString(System.Globalization.CultureInfo.InvariantCulture), new { number = i }), default);
        }
    }

    private async Task ChainAsync(Guid tenantId)
    {
        using var scope = _host.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<AuditChainJob>().ChainAsync(tenantId, default);
    }

    private Task<AuditVerification> VerifyAsync(Guid tenantId) => _host.Services.GetRequiredService<AuditVerifier>().VerifyAsync(tenantId, default);
}
