using Parley.Platform.Data;

namespace Parley.Escalations.Contracts;

/// <summary>The tenant's escalation settings for modules above.</summary>
public sealed class EscalationConfiguration
{
    private readonly EscalationSettings _settings;

    /// <summary>What customers are told about a request for a person.</summary>
    public static LocalizedTexts Texts => HandoffTexts.All;

    /// <summary>The keys of those that are told at a step of such a request, in their order.</summary>
    public static IReadOnlyList<string> Steps => HandoffTexts.Steps;

    /// <summary>The fact that the text of a step may name, without its braces.</summary>
    public static string PlaceOf(string step) => HandoffTexts.PlaceOf(step);

    internal EscalationConfiguration(EscalationSettings settings) => _settings = settings;

    /// <summary>The rules in force and their version; 0: the defaults.</summary>
    public Task<(EscalationRules Rules, int Version)> RulesAsync(TenantSession session) => _settings.RulesAsync(session);
}
