using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Inference.Budget;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Inference.Costs;

/// <summary>The budget in force and how much of it is used.</summary>
/// <param name="Version">0: nothing was published, the defaults hold.</param>
/// <param name="Settings">In dollars.</param>
/// <param name="Scopes">Month, day and anonymous visitors.</param>
/// <param name="Conversations">The dearest of those that paid for something in the last 30 days.</param>
/// <param name="Customers">Whose day is the dearest.</param>
/// <param name="Alerts">Of this month and this day, the last first.</param>
/// <param name="Unusual">Unusual days of the last seven.</param>
internal sealed record BudgetView(
    int Version, BudgetSettings Settings, IReadOnlyList<BudgetState> Scopes, IReadOnlyList<BudgetState> Conversations, IReadOnlyList<BudgetState> Customers,
    IReadOnlyList<BudgetAlert> Alerts, IReadOnlyList<CostAnomaly> Unusual);

/// <param name="Settings">All of it; a limit that is null does not hold.</param>
/// <param name="BasedOn">The version that was looked at; refused when another is in force by now. Null: whatever is in force.</param>
/// <param name="Note">What it is about; at most 200 characters.</param>
internal sealed record SaveBudgetRequest(BudgetSettings? Settings, int? BasedOn, string? Note);

/// <param name="Version">A saved version; 0: as shipped.</param>
internal sealed record PublishBudgetRequest(int? Version);

/// <summary>A saved budget.</summary>
internal sealed record BudgetVersion
{
    public int Version { get; init; }

    public string? Note { get; init; }

    public bool IsPublished { get; init; }

    public Guid? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public BudgetSettings Settings { get; init; } = new();
}

/// <summary>Reads and changes the tenant's budget. A change holds from the next call on.</summary>
internal sealed class BudgetApi(TenantDb db, ConfigurationStore configuration, AuditLog audit, TimeProvider time)
{
    private const int MaxNote = 200, MaxVersions = 50;

    internal const string VersionsSql = """
        select c.version, c.note, coalesce(c.version = p.version, false) as is_published, c.created_by, c.created_at
          from configurations c
          left join published_configurations p on p.tenant_id = c.tenant_id and p.kind = c.kind and p.subject_id = c.subject_id
         where c.tenant_id = @tenantId and c.kind = 'budget' and c.subject_id = @tenantId order by c.version desc limit @take
        """;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async (Caller caller, BudgetApi handler, CancellationToken ct) => TypedResults.Ok(await handler.GetAsync(caller, ct)))
            .WithName("GetBudget").RequirePermission(Permission.CostsRead);
        group.MapPut("", async (SaveBudgetRequest request, Caller caller, BudgetApi handler, CancellationToken ct) => (await handler.SaveAsync(caller, request, ct)).ToHttp())
            .WithName("SaveBudget").RequirePermission(Permission.CostsWrite);
        group.MapGet("/versions", async (Caller caller, BudgetApi handler, CancellationToken ct) => TypedResults.Ok(await handler.VersionsAsync(caller, ct)))
            .WithName("ListBudgetVersions").RequirePermission(Permission.CostsRead);
        group.MapPost("/publish", async (PublishBudgetRequest request, Caller caller, BudgetApi handler, CancellationToken ct) => (await handler.PublishAsync(caller, request, ct)).ToHttp())
            .WithName("PublishBudget").RequirePermission(Permission.CostsWrite);
    }

    private Task<BudgetView> GetAsync(Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, ViewAsync, ct);

    private Task<Result<BudgetView>> SaveAsync(Caller caller, SaveBudgetRequest request, CancellationToken ct)
    {
        if (request.Settings is not { } settings)
        {
            return Task.FromResult<Result<BudgetView>>(Error.Invalid("settings", "Give the budget's settings."));
        }
        if (settings.Problems() is { Count: > 0 } problems)
        {
            return Task.FromResult<Result<BudgetView>>(Error.Invalid(problems.ToDictionary(p => "settings." + p.Key, p => p.Value)));
        }
        if (request.Note is { Length: > MaxNote })
        {
            return Task.FromResult<Result<BudgetView>>(Error.Invalid("note", $"At most {MaxNote} characters."));
        }
        return db.InTransactionAsync<Result<BudgetView>>(caller.TenantId, async s =>
        {
            // Saving waits for whoever saves now: of two who saw the same version, the second is told.
            var version = await configuration.SaveDraftAsync(s, BudgetSettings.Kind, s.TenantId, settings, UserOf(caller), request.Note);
            if (request.BasedOn is { } basedOn && await InForceAsync(s) is var (inForce, _) && inForce != basedOn)
            {
                return Error.Conflict("budget_changed", $"Somebody else has changed the budget meanwhile. Yours is kept as version {version} and is not in force; look again, then publish it or save anew.");
            }
            await configuration.PublishAsync(s, BudgetSettings.Kind, s.TenantId, version, UserOf(caller));
            await audit.WriteAsync(s, caller, "budget.published", "budget", s.TenantId.ToString("D"), new { version });
            return await ViewAsync(s);
        }, ct);
    }

    private Task<Result<BudgetView>> PublishAsync(Caller caller, PublishBudgetRequest request, CancellationToken ct) =>
        db.InTransactionAsync<Result<BudgetView>>(caller.TenantId, async s =>
        {
            if (request.Version == 0)
            {
                await ConfigurationStore.WithdrawAsync(s, BudgetSettings.Kind, s.TenantId);
            }
            else if (request.Version is not { } version || !await configuration.PublishAsync(s, BudgetSettings.Kind, s.TenantId, version, UserOf(caller)))
            {
                return Error.Invalid("version", "There is no such version; 0 is the budget as shipped.");
            }
            await audit.WriteAsync(s, caller, "budget.published", "budget", s.TenantId.ToString("D"), new { version = request.Version });
            return await ViewAsync(s);
        }, ct);

    private Task<Page<BudgetVersion>> VersionsAsync(Caller caller, CancellationToken ct) => db.InTransactionAsync(caller.TenantId, async s =>
    {
        var versions = new List<BudgetVersion>();
        foreach (var version in await s.QueryAsync<BudgetVersion>(VersionsSql, new { tenantId = s.TenantId, take = MaxVersions }))
        {
            versions.Add(version with { Settings = await configuration.VersionAsync<BudgetSettings>(s, BudgetSettings.Kind, s.TenantId, version.Version) ?? new() });
        }
        return new Page<BudgetVersion>(versions, null);
    }, ct);

    private async Task<BudgetView> ViewAsync(TenantSession s)
    {
        var (version, settings) = await InForceAsync(s);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var states = await BudgetState.OfAsync(s, settings, today);
        return new BudgetView(version, settings, [.. states.Where(each => each.Kind is BudgetScope.Month or BudgetScope.Day or BudgetScope.Anonymous)],
            [.. states.Where(each => each.Kind == BudgetScope.Conversation)], [.. states.Where(each => each.Kind == BudgetScope.EndUser)],
            await BudgetAlerts.OfAsync(s, new DateOnly(today.Year, today.Month, 1)), await CostAnomalies.SinceAsync(s, today.AddDays(-6)));
    }

    private async Task<(int Version, BudgetSettings Settings)> InForceAsync(TenantSession s) =>
        await configuration.PublishedAsync<BudgetSettings>(s, BudgetSettings.Kind, s.TenantId) is { } published ? (published.Version, published.Body) : (0, new BudgetSettings());

    private static Guid? UserOf(Caller caller) => caller.Kind == CallerKind.User ? caller.Id : null;
}
