using Microsoft.Extensions.DependencyInjection;
using Parley.Host.Isolation;
using Parley.Identity;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Isolation;

/// <summary>The isolation proof over every endpoint of the real application. A new endpoint is in it without anybody remembering.</summary>
public sealed class IsolationTests(PostgresFixture postgres, ITestOutputHelper output)
{
    [Fact]
    public async Task No_endpoint_lets_anything_cross_from_one_to_another()
    {
        await using var host = await ParleyHost.StartAsync(postgres, services =>
        {
            IsolationProof.LiftLimits(services);
            services.Configure<IdentityOptions>(options => options.PasswordIterations = 1000);
        });
        var report = await new IsolationProof(host.Services, host.Address).RunAsync(new Progress<string>(), default);
        output.WriteLine($"{report.Endpoints} endpoints, {report.Crossings} crossings, {report.Requests} requests");
        report.Failures.Count.ShouldBe(0, string.Join("\n", report.Failures));
        report.Crossings.ShouldBeGreaterThan(report.Endpoints / 2);
        (await host.Database.System.QueryAsync<Guid>("select tenant_ids()", null, default)).ShouldBeEmpty();
    }
}
