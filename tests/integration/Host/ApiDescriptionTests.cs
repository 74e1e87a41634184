using Parley.Host.Cli;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

public sealed class ApiDescriptionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_committed_description_is_what_the_application_offers()
    {
        var current = await OpenApiCommand.DescribeAsync(TestContext.Current.CancellationToken);
        var committed = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "openapi.json"), TestContext.Current.CancellationToken);
        committed.ShouldBe(current, "The API has changed: review the difference after './parley openapi docs/openapi.json' and commit it.");
    }

    [Fact]
    public async Task The_running_application_serves_it_and_a_page_to_read_it()
    {
        await using var host = await ParleyHost.StartAsync(postgres);
        (await host.Client().GetStringAsync("/openapi/v1.json")).ShouldContain("\"operationId\": \"HealthReady\"");
        (await host.Client().GetStringAsync("/docs/api/index.html")).ShouldContain("swagger-ui");
    }
}
