using Parley.Platform.Data;

namespace Parley.Escalations.Contracts;

/// <summary>The tenant's escalation settings for modules above.</summary>
public sealed class EscalationConfiguration
{
    private readonly EscalationSettings _settings;

    internal EscalationConfiguration(EscalationSettings settings) => _settings = settings;

    /// <summary>The rules in force and their version; 0: the defaults.</summary>
    public Task<(EscalationRules Rules, int Version)> RulesAsync(TenantSession session) => _settings.RulesAsync(session);
}
