using Parley.Conversations;
using Parley.Conversations.Contracts;
using Parley.Identity;
using Parley.Knowledge;
using Parley.Platform.Data;

namespace Parley.Host.Isolation;

/// <summary>
/// Proves that tenants, customers, roles and keys are kept apart, on the running application: every endpoint that it has, found by
/// enumeration, first succeeds with its own tenant's ids (the positive control), then with each id replaced by another's; nothing of
/// the other may come back and its rows stay as they were. Runs on throw-away tenants, which it deletes.
/// </summary>
public sealed class IsolationProof(IServiceProvider services, Uri address)
{
    private readonly List<string> _failures = [];
    private readonly List<Party> _parties = [];

    /// <summary>Thousands of requests from one address are no attack here: lifts the limits of an instance that serves nothing but the proof.</summary>
    public static void LiftLimits(IServiceCollection services)
    {
        services.Configure<IdentityOptions>(options => options.SignInsPerMinute = 1_000_000);
        services.Configure<ConversationLimits>(limits =>
            (limits.MessagesPerEndUser, limits.MessagesPerAddress, limits.ConversationsPerEndUser, limits.SessionsPerAddress) = (100_000, 1_000_000, 100_000, 1_000_000));
        // What follows a change of knowledge follows at once: a tenant that rests stays at rest.
        services.AddSingleton(new KnowledgeOptions { ChangeDelay = TimeSpan.Zero, ReviewDelay = TimeSpan.Zero });
    }

    /// <summary>Runs the whole proof; about a minute.</summary>
    /// <param name="progress">One line per endpoint.</param>
    /// <param name="ct">Stops it; the throw-away tenants are deleted all the same.</param>
    public Task<IsolationReport> RunAsync(IProgress<string> progress, CancellationToken ct) => RunAsync(progress, _ => true, ct);

    internal async Task<IsolationReport> RunAsync(IProgress<string> progress, Func<EndpointCase, bool> concerns, CancellationToken ct)
    {
        using var client = new ProofClient(address);
        var reader = new EndpointReader(services);
        try
        {
            var cases = reader.Read(services.GetRequiredService<EndpointDataSource>().Endpoints).Where(concerns).ToList();
            var people = new People(client, services);
            var (mine, other, inviter) = (await PartyAsync(people, client, ct), await PartyAsync(people, client, ct), await PartyAsync(people, client, ct));
            // A second customer of the first tenant.
            var neighbour = new Party(client, mine.TenantId, mine.Slug, mine.Owner, mine.Defaults, services.GetRequiredService<TimeProvider>(), BuryAsync);
            var recipes = new Recipes(client, inviter);
            var runner = new CaseRunner(client, people, recipes, new TenantRows(services.GetRequiredService<TenantDb>(), services.GetRequiredService<TimeProvider>()), _failures);
            await runner.SeedAsync([mine, other, neighbour], cases, ct);
            foreach (var endpoint in cases)
            {
                progress.Report(endpoint.ToString());
                await runner.ProveAsync(endpoint, mine, other, neighbour, ct);
            }
            progress.Report("Answers kept for idempotency keys");
            await runner.ReplayAsync(cases, mine, other, ct);
            await runner.CheckRowsAsync(mine, other, ct);
            return new IsolationReport(cases.Count, runner.Crossings, client.Requests, _failures);
        }
        finally
        {
            foreach (var tenantId in _parties.Select(party => party.TenantId).Distinct())
            {
                await services.GetRequiredService<Bootstrap>().DeleteTenantAsync(tenantId, CancellationToken.None);
            }
        }
    }

    internal async Task<Party> PartyAsync(People people, ProofClient client, CancellationToken ct)
    {
        var slug = "isolation-" + Guid.CreateVersion7().ToString("N")[^12..];
        var id = (await services.GetRequiredService<Bootstrap>().CreateTenantAsync(slug, "Isolation proof", demo: false, ct)).Value;
        var defaults = await ActivatorUtilities.CreateInstance<ConversationsBootstrap>(services).EnsureDefaultsAsync(id, ct);
        var owner = await people.NewAsync(slug, "owner", ct);
        var party = new Party(client, id, slug, owner.Credential, defaults, services.GetRequiredService<TimeProvider>(), BuryAsync);
        _parties.Add(party);
        // Rows must change for no other reason than a request, however slow the machine is: no timer of a handoff goes off meanwhile.
        await party.OwnerAsync("PUT", "/v1/escalations/settings", new
        {
            serviceHours = new { always = true }, rules = new { remindMinutes = 240, offerMinutes = 60, expireMinutes = 2880, agentSilenceMinutes = (int?)null },
        }, ct);
        await PayAsync(party, ct);
        return party;
    }

    private const string PaySql = """
        insert into usage (tenant_id, id, at, service, provider, model, feature, cost)
        values (@tenantId, @first, @now, 'llm', @canary, @canary, 'answer', 0.25), (@tenantId, @second, @now, 'llm', @canary, @canary, 'answer', 0.5)
        """;

    /// <summary>Paid calls: only a provider's answer makes one, and the proof has none.</summary>
    private Task PayAsync(Party party, CancellationToken ct) => services.GetRequiredService<TenantDb>().InTransactionAsync(party.TenantId, s => s.ExecuteAsync(PaySql, new
    {
        tenantId = party.TenantId, first = Guid.CreateVersion7(), second = Guid.CreateVersion7(), now = services.GetRequiredService<TimeProvider>().GetUtcNow(), canary = party.Canary,
    }), ct);

    private const string BurySql = """
        insert into jobs (tenant_id, id, kind, state, run_at, last_error, created_at, dead_at) values (@tenantId, @id, 'isolation.proof', 'dead', now(), @canary, now(), now())
        """;

    /// <summary>A job that failed for good, of a kind that no node works on.</summary>
    private async Task<string> BuryAsync(Guid tenantId, string canary, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        await services.GetRequiredService<TenantDb>().InTransactionAsync(tenantId, s => s.ExecuteAsync(BurySql, new { tenantId, id, canary }), ct);
        return id.ToString("D");
    }
}
