using System.IO.Compression;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Authorization;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Privacy;

/// <summary>What an owner does in the console, from the command line.</summary>
public sealed class PrivacyCommandsTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;

    public async ValueTask InitializeAsync() => _tenant = await _world.TenantAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Bounds_are_shown_set_and_refused()
    {
        (await LineAsync("retention", "show")).ShouldContain("Conversations         kept");
        (await LineAsync("retention", "set", "--conversations", "90", "--audit", "400")).ShouldContain("Details of the audit  400 days");
        (await LineAsync("retention", "set", "--conversations", "keep")).ShouldContain("Conversations         kept");
        (await LineAsync("retention", "show")).ShouldContain("Details of the audit  400 days", customMessage: "what is not named stays");
        (await LineAsync("retention", "preview", "--conversations", "1")).ShouldStartWith("0 conversations,");
        (await RunAsync("retention", "set", "--traces", "soon")).ShouldBe((1, "parley: --traces takes a number of days, or 'keep'."));
        (await RunAsync("retention", "set", "--audit", "3")).ShouldBe((1, "parley: auditDays: Give 365 to 3650 days, or leave it empty to keep everything."));
    }

    [Fact]
    public async Task A_conversation_a_customer_and_everything_else()
    {
        var visitor = await _tenant.VisitorAsync();
        var conversation = await visitor.StartAsync("Where is my order?");
        await visitor.StartAsync("And the bill?");
        (await RunAsync("erase", "conversation", conversation.ToString())).Output.ShouldEndWith("Repeat with --yes.");
        (await RunAsync("erase", "customer", "nobody", "--yes")).ShouldBe((1, "parley: 'nobody' is no id of a customer."));
        (await LineAsync("erase", "conversation", conversation.ToString(), "--yes")).ShouldBe("Deleted for good: 1 conversation.");
        (await RunAsync("erase", "conversation", conversation.ToString(), "--yes")).ShouldBe((1, "parley: There is no such conversation."));
        using var scratch = new ScratchFolder();
        var file = Path.Combine(scratch.Path, "workspace.zip");
        (await LineAsync("export", file, "--quiet")).ShouldContain("0 files");
        (await RunAsync("export", file, "--quiet")).Code.ShouldBe(1, "it overwrites nothing");
        using (var zip = ZipFile.OpenRead(file))
        {
            zip.GetEntry("data/conversations.jsonl")!.Length.ShouldBeGreaterThan(0);
        }
        Directory.GetFiles(scratch.Path, "*.zip*").ShouldBe([file]);
        (await LineAsync("erase", "customer", visitor.EndUserId.ToString(), "--yes")).ShouldBe("Deleted for good: 1 conversation.");
        (await _tenant.QueryAsync<Guid>("select id from end_users")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Members_come_change_and_go()
    {
        var email = IdentityHost.NewEmail();
        (await LineAsync("members", "invite", email, "--name", "Ana", "--role", "agent")).ShouldStartWith($"{email} is a member. First password, shown this once: ");
        (await LineAsync("members", "role", email, "viewer")).ShouldBe($"{email} is viewer now.");
        (await LineAsync("members", "list")).ShouldContain("viewer");
        (await RunAsync("members", "role", "nobody@example.com", "viewer")).ShouldBe((1, "parley: There is no member 'nobody@example.com'. 'parley members list' shows all."));
        (await RunAsync("members", "role", email, "king")).Output.ShouldContain("There is no such role");
        (await RunAsync("members", "remove", email)).Output.ShouldEndWith("Repeat with --yes.");
        (await LineAsync("members", "remove", email, "--yes")).ShouldBe($"{email} is no member any more.");
        (await LineAsync("members", "invite", IdentityHost.NewEmail())).ShouldContain("joins with this code");
        (await LineAsync("members", "invitations")).ShouldContain("agent");
    }

    private async Task<string> LineAsync(params string[] arguments)
    {
        var (code, output) = await RunAsync(arguments);
        code.ShouldBe(0, output);
        return output;
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var (code, output) = await ParleyProcess.RunAsync([.. arguments, "--tenant", _tenant.Tenant.Slug],
            ("PARLEY_URL", _world.Host.Address.ToString()), ("PARLEY_TOKEN", _world.Host.Services.GetRequiredService<LocalOperatorToken>().Value));
        return (code, output.TrimEnd());
    }
}
