using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Escalations.Contracts;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Escalations;

/// <param name="ServiceHours">When people are there.</param>
/// <param name="Rules">When one is called.</param>
internal sealed record EscalationSettingsBody(ServiceHours? ServiceHours, EscalationRules? Rules);

/// <summary>The tenant's service hours and escalation rules: read, checked, published as new versions.</summary>
internal sealed class EscalationSettings(ConfigurationStore configurations)
{
    private static readonly ServiceHours DefaultHours = new();
    private static readonly EscalationRules DefaultRules = new();

    /// <summary>What is in force; the defaults where nothing was published.</summary>
    internal async Task<(ServiceHours Hours, EscalationRules Rules)> ReadAsync(TenantSession s) =>
        ((await configurations.PublishedAsync<ServiceHours>(s, ServiceHours.Kind, s.TenantId))?.Body ?? DefaultHours,
         (await configurations.PublishedAsync<EscalationRules>(s, EscalationRules.Kind, s.TenantId))?.Body ?? DefaultRules);

    /// <summary>The rules in force and their version; 0: the defaults.</summary>
    internal async Task<(EscalationRules Rules, int Version)> RulesAsync(TenantSession s) =>
        await configurations.PublishedAsync<EscalationRules>(s, EscalationRules.Kind, s.TenantId) is { } published ? (published.Body, published.Version) : (DefaultRules, 0);

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/escalations/settings", (Caller caller, TenantDb db, EscalationSettings settings, CancellationToken ct) =>
                db.InTransactionAsync(caller.TenantId, async s =>
                {
                    var (hours, rules) = await settings.ReadAsync(s);
                    return TypedResults.Ok(new EscalationSettingsBody(hours, rules));
                }, ct))
            .WithName("GetEscalationSettings").RequirePermission(Permission.HandoffsRead);
        app.MapPut("/escalations/settings", async (EscalationSettingsBody body, Caller caller, SaveEscalationSettings handler, CancellationToken ct) =>
                (await handler.HandleAsync(body, caller, ct)).ToHttp())
            .WithName("SaveEscalationSettings").RequirePermission(Permission.AssistantWrite);
    }
}

/// <summary>Publishes new settings. What is left out stays as it is.</summary>
internal sealed class SaveEscalationSettings(TenantDb db, ConfigurationStore configurations, EscalationSettings settings, AuditLog audit)
{
    internal async Task<Result<EscalationSettingsBody>> HandleAsync(EscalationSettingsBody body, Caller caller, CancellationToken ct)
    {
        var problems = (body.ServiceHours?.Problems() ?? new Dictionary<string, string[]>()).Concat(body.Rules?.Problems() ?? new Dictionary<string, string[]>()).ToDictionary();
        if (problems.Count > 0)
        {
            return Error.Invalid(problems);
        }
        if (body.ServiceHours is null && body.Rules is null)
        {
            return Error.Invalid("serviceHours", "Give serviceHours, rules or both.");
        }
        return await db.InTransactionAsync(caller.TenantId, async s =>
        {
            var by = caller.Kind == CallerKind.User ? caller.Id : (Guid?)null;
            var hours = body.ServiceHours is null ? (int?)null : await configurations.SaveAndPublishAsync(s, ServiceHours.Kind, s.TenantId, body.ServiceHours, by);
            var rules = body.Rules is null ? (int?)null : await configurations.SaveAndPublishAsync(s, EscalationRules.Kind, s.TenantId, body.Rules, by);
            await audit.WriteAsync(s, caller, "escalations.settings.published", "tenant", s.TenantId.ToString(), new { serviceHoursVersion = hours, rulesVersion = rules });
            var (newHours, newRules) = await settings.ReadAsync(s);
            return new EscalationSettingsBody(newHours, newRules);
        }, ct);
    }
}
