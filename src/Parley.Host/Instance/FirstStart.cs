using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Knowledge;
using Parley.Platform;
using Parley.Platform.Data;

namespace Parley.Host.Instance;

/// <summary>
/// What a fresh database gets, so that there is something to see and somebody to sign in: a demo tenant and the first operator. The
/// operator comes last: until there is one, every start tries again, and every step completes what an interrupted one began.
/// </summary>
internal static class FirstStart
{
    internal const string DemoSlug = "demo";
    private static readonly TimeSpan GuidesPatience = TimeSpan.FromSeconds(20);

    /// <summary>The operator's credentials where this was the first start: the only time they can be shown.</summary>
    internal static async Task<OperatorCredentials?> RunAsync(IServiceProvider services, IProgress<string> progress, CancellationToken ct)
    {
        if ((await services.GetRequiredService<SystemDb>().QueryAsync<string>("select * from operator_emails()", null, ct)).Count > 0) return null;
        progress.Report("Making the demo tenant");
        var bootstrap = services.GetRequiredService<Bootstrap>();
        var tenant = await bootstrap.EnsureTenantAsync(DemoSlug, "Parley demo", demo: true, ct);
        await services.GetRequiredService<ConversationsBootstrap>().EnsureDefaultsAsync(tenant, ct);
        return await bootstrap.EnsureFirstOperatorAsync(tenant, Environment.GetEnvironmentVariable("PARLEY_OPERATOR_EMAIL"), ct);
    }

    /// <summary>The demo tenant answers from Parley's own guides: they are imported when they are new or have changed.</summary>
    internal static async Task ImportGuidesAsync(IServiceProvider services, IProgress<string> progress, CancellationToken ct)
    {
        if (DemoKnowledge.FindGuides() is not { } guides
            || await services.GetRequiredService<SystemDb>().QuerySingleOrDefaultAsync<Guid?>("select tenant_by_slug(@slug)", new { slug = DemoSlug }, ct) is not { } tenant)
            return;
        var knowledge = services.GetRequiredService<DemoKnowledge>();
        if (await knowledge.EnsureAsync(tenant, guides, ct) is not { } import) return;
        progress.Report("Importing the guides of the demo tenant");
        // A node without a worker leaves it to the others.
        if (services.GetRequiredService<PlatformOptions>().RunsJobs) await knowledge.WaitAsync(tenant, import, GuidesPatience, ct);
    }
}
