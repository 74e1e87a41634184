using System.Net;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Identity;

public sealed class BootstrapTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_first_operator_is_made_once_even_by_nodes_that_start_together_and_can_sign_in()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var bootstrap = host.Services.GetRequiredService<Bootstrap>();
        var demo = await bootstrap.EnsureTenantAsync("demo", "Demo", demo: true, default);
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bootstrap.EnsureFirstOperatorAsync(demo, null, default)));
        var credentials = made.Where(c => c is not null).ShouldHaveSingleItem()!;
        credentials.Email.ShouldBe("admin@parley.local");
        (await bootstrap.EnsureFirstOperatorAsync(demo, "second@example.com", default)).ShouldBeNull();
        var session = await (await host.Client().SignInAsync(credentials.Email, credentials.Password)).JsonAsync();
        session.GetProperty("isOperator").GetBoolean().ShouldBeTrue();
        session.GetProperty("mustChangePassword").GetBoolean().ShouldBeFalse();
        session.GetProperty("role").GetString().ShouldBe("owner");
        session.GetProperty("tenant").GetProperty("slug").GetString().ShouldBe("demo");
    }

    [Fact]
    public async Task A_reset_gives_a_new_password_opens_a_locked_account_and_ends_its_sessions()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var bootstrap = host.Services.GetRequiredService<Bootstrap>();
        (await bootstrap.ResetOperatorAsync(null, default)).Error!.Code.ShouldBe("not_found");
        var demo = await bootstrap.EnsureTenantAsync("demo", "Demo", demo: true, default);
        var first = (await bootstrap.EnsureFirstOperatorAsync(demo, "Boss@Example.com", default))!;
        first.Email.ShouldBe("boss@example.com");
        var token = await host.TokenAsync(first.Email, first.Password);
        for (var i = 0; i < 5; i++)
        {
            (await host.Client().SignInAsync(first.Email, "wrong password")).Dispose();
        }
        var reset = (await bootstrap.ResetOperatorAsync(null, default)).Value;
        reset.Email.ShouldBe(first.Email);
        (await host.WithCookie(token).GetAsync("/v1/auth/session")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.Client().SignInAsync(first.Email, first.Password)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.Client().SignInAsync(first.Email, reset.Password)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await bootstrap.ResetOperatorAsync("nobody@example.com", default)).Error!.Fields.Keys.ShouldBe(["email"]);
        var audit = await host.OperatorClient("demo").GetJsonAsync("/v1/audit");
        audit.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("action").GetString()).ShouldContain("account.reset");
    }

    [Fact]
    public async Task Another_operator_needs_a_free_address_of_their_own()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var bootstrap = host.Services.GetRequiredService<Bootstrap>();
        var demo = await bootstrap.EnsureTenantAsync("demo", "Demo", demo: true, default);
        (await bootstrap.CreateOperatorAsync(demo, "no address", default)).Error!.Fields.Keys.ShouldBe(["email"]);
        (await bootstrap.CreateOperatorAsync(demo, "ops@example.com", default)).Value.Email.ShouldBe("ops@example.com");
        (await bootstrap.CreateOperatorAsync(demo, "ops@example.com", default)).Error!.Code.ShouldBe("operator.exists");
    }

    [Fact]
    public async Task A_tenant_is_made_once_and_deleted_with_everything_and_the_accounts_that_were_only_its()
    {
        await using var host = await IdentityHost.StartAsync(postgres);
        var bootstrap = host.Services.GetRequiredService<Bootstrap>();
        var tenant = await host.TenantAsync();
        (await bootstrap.CreateTenantAsync(tenant.Slug, "Again", demo: false, default)).Error!.Code.ShouldBe("tenant.exists");
        (await bootstrap.EnsureTenantAsync(tenant.Slug, "Again", demo: false, default)).ShouldBe(tenant.Id);
        var member = await tenant.MemberAsync("owner");
        await tenant.ApiKeyAsync("members:read");
        await bootstrap.DeleteTenantAsync(tenant.Id, default);
        await using var everything = await host.Database.Everything.OpenConnectionAsync();
        foreach (var table in new[] { "tenants where id", "memberships where tenant_id", "api_keys where tenant_id", "audit where tenant_id", "roles where tenant_id" })
        {
            (await everything.QuerySingleAsync<int>($"select count(*)::int from {table} = @Id", new { tenant.Id })).ShouldBe(0, table);
        }
        (await everything.QuerySingleAsync<int>("select count(*)::int from users where id = @UserId", new { member.UserId })).ShouldBe(0);
    }
}
