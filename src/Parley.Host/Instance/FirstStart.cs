using Parley.Identity;
using Parley.Platform.Data;

namespace Parley.Host.Instance;

/// <summary>
/// What a fresh database gets, so that there is something to see and somebody to sign in: a demo tenant and the first operator. The
/// operator comes last: until there is one, every start tries again, and every step completes what an interrupted one began.
/// </summary>
internal static class FirstStart
{
    internal const string DemoSlug = "demo";

    /// <summary>The operator's credentials where this was the first start: the only time they can be shown.</summary>
    internal static async Task<OperatorCredentials?> RunAsync(IServiceProvider services, IProgress<string> progress, CancellationToken ct)
    {
        if ((await services.GetRequiredService<SystemDb>().QueryAsync<string>("select * from operator_emails()", null, ct)).Count > 0) return null;
        progress.Report("Making the demo tenant");
        var bootstrap = services.GetRequiredService<Bootstrap>();
        var tenant = await bootstrap.EnsureTenantAsync(DemoSlug, "Parley demo", demo: true, ct);
        return await bootstrap.EnsureFirstOperatorAsync(tenant, Environment.GetEnvironmentVariable("PARLEY_OPERATOR_EMAIL"), ct);
    }
}
