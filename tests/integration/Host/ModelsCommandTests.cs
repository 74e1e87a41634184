using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform;
using Parley.Platform.Authorization;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Parley.Testkit.Models;
using Parley.Tests.Integration.Identity;
using Parley.Tests.Integration.Knowledge;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Host;

/// <summary>Accounts and choices from the command line of another machine; the key comes from the environment.</summary>
public sealed class ModelsCommandTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Key = "sk-command-line-0123456789";
    private ModelsDouble _double = null!;
    private ParleyHost _host = null!;
    private TestTenant _tenant = null!;

    public async ValueTask InitializeAsync()
    {
        _double = await ModelsDouble.StartAsync();
        _host = await ParleyHost.StartAsync(postgres, services =>
            services.AddSingleton(_ => new GuardedHttp(new PlatformOptions { Objects = "", PrivateHosts = new Uri(_double.Address).Authority }, TimeProvider.System)));
        _tenant = await _host.TenantAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _double.DisposeAsync();
    }

    [Fact]
    public async Task A_model_is_connected_tested_chosen_and_taken_away()
    {
        (await RunAsync("accounts", "list")).Output.ShouldStartWith("There are no accounts.");
        (await RunAsync("accounts", "add", "Main", "anthropic", "--key-env", "NO_SUCH_VARIABLE")).ShouldBe((1, "parley: The environment has no variable NO_SUCH_VARIABLE, or it is empty."));
        var added = await RunAsync("accounts", "add", "Main", "anthropic", "--url", _double.At("/anthropic").ToString(), "--key-env", "TEST_MODEL_KEY");
        (added.Code, added.Output.Contains(Key, StringComparison.Ordinal), added.Output.EndsWith("key …6789", StringComparison.Ordinal)).ShouldBe((0, false, true), added.Output);
        (await RunAsync("accounts", "test", "Main", "claude-haiku-5-5")).Output.ShouldStartWith("ok: It answers.");
        (await RunAsync("accounts", "test", "Main", "missing-model")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Output.ShouldStartWith("model_not_found: There is no such model"));

        (await RunAsync("choose", "answer", "Main", "claude-haiku-5-5")).ShouldBe((1, "parley: Give: answer TIER ACCOUNT MODEL; TIER is small, medium or large."));
        (await RunAsync("choose", "answer", "small", "Other", "claude-haiku-5-5")).ShouldBe((1, "parley: There is no account 'Other'. 'parley models accounts list' shows them."));
        (await RunAsync("choose", "answer", "small", "Main", "claude-x")).Output.ShouldContain("Add it with its prices");
        await RunAsync("choose", "answer", "small", "Main", "claude-haiku-5-5");
        await RunAsync("choose", "answer", "small", "Main", "claude-x", "--also", "--input", "1", "--output", "2");
        var settings = JsonDocument.Parse((await RunAsync("settings", "--strategy", "attempts", "--customers", "on", "--json")).Output).RootElement;
        (settings.Int("version"), settings.GetProperty("settings").Text("strategy"), settings.GetProperty("settings").GetProperty("forCustomers").GetBoolean()).ShouldBe((3, "attempts", true));
        settings.GetProperty("settings").GetProperty("choices").EnumerateArray().Select(choice => choice.Text("model")).ShouldBe(["claude-haiku-5-5", "claude-x"]);
        settings.GetProperty("settings").GetProperty("models")[0].GetProperty("prices").GetProperty("output").GetDecimal().ShouldBe(2);

        (await RunAsync("accounts", "remove", "Main")).Output.ShouldEndWith("add --yes: its choices then go with it.");
        (await RunAsync("settings", "--publish", "1")).Output.ShouldContain("Version 1, strategy complexity");
        (await RunAsync("choose", "answer", "small", "--none")).Output.ShouldStartWith("No model is chosen");
        (await RunAsync("accounts", "remove", "Main")).ShouldBe((0, "Main is removed."));
        (await RunAsync("catalogue")).Output.ShouldContain("claude-haiku-5-5");
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var (code, output) = await ParleyProcess.RunAsync(["models", .. arguments, "--tenant", _tenant.Slug],
            ("PARLEY_URL", _host.Address.ToString()), ("PARLEY_TOKEN", _host.Services.GetRequiredService<LocalOperatorToken>().Value), ("TEST_MODEL_KEY", Key));
        return (code, output.TrimEnd());
    }
}
