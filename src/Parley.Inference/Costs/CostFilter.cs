using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Parley.Platform.Errors;

namespace Parley.Inference.Costs;

/// <summary>Which paid calls are meant; what is left out chooses none out. Bound from the query.</summary>
internal sealed record CostQuery
{
    /// <summary>The first day, UTC, as 2026-01-31; the last 30 days where both are left out.</summary>
    public string? From { get; init; }

    /// <summary>The last day, itself included; today where it is left out.</summary>
    public string? To { get; init; }

    /// <summary>llm, vision, stt, tts, embedding, rerank, media or search.</summary>
    public string? Service { get; init; }

    /// <summary>The kind of provider.</summary>
    public string? Provider { get; init; }

    /// <summary>As its provider names it.</summary>
    public string? Model { get; init; }

    /// <summary>What it was for.</summary>
    public string? Feature { get; init; }

    /// <summary>An assistant's id, or <c>none</c>.</summary>
    public string? Assistant { get; init; }

    /// <summary>small, medium, large or <c>none</c>.</summary>
    public string? Tier { get; init; }

    /// <summary>A conversation's id, or <c>none</c>.</summary>
    public string? Conversation { get; init; }
}

/// <summary>A checked <see cref="CostQuery"/>.</summary>
internal sealed record CostFilter
{
    internal const string None = "none";

    /// <summary>Of days at once.</summary>
    internal const int MaxDays = 400;

    private const int DefaultDays = 30, MaxText = 200;

    /// <summary>Stands for none where a row must have an assistant.</summary>
    internal const string NoneId = "00000000-0000-0000-0000-000000000000";

    private static readonly string[] Tiers = ["small", "medium", "large", None];

    internal required DateOnly From { get; init; }

    internal required DateOnly To { get; init; }

    internal string? Service { get; init; }

    internal string? Provider { get; init; }

    internal string? Model { get; init; }

    internal string? Feature { get; init; }

    /// <summary>The empty id: none.</summary>
    internal Guid? Assistant { get; init; }

    /// <summary>Empty: none.</summary>
    internal string? Tier { get; init; }

    /// <summary>The empty id: none.</summary>
    internal Guid? Conversation { get; init; }

    internal int Days => To.DayNumber - From.DayNumber + 1;

    /// <summary>As many days before the first.</summary>
    internal CostFilter Before => this with { From = From.AddDays(-Days), To = From.AddDays(-1) };

    /// <summary>The parameters of every statement that filters.</summary>
    internal object Args(Guid tenantId) => new
    {
        tenantId, from = From, to = To, at = Start(From), until = Start(To.AddDays(1)), Service, Provider, Model, Feature, Assistant, Tier, Conversation, noConversation = Conversation == Guid.Empty,
    };

    /// <summary>One conversation is meant: its calls have an index of their own.</summary>
    internal bool OfConversation => Conversation is { } id && id != Guid.Empty;

    /// <summary>Something that days tell apart.</summary>
    internal bool Narrows => (Service ?? Provider ?? Model ?? Feature ?? Tier) is not null || Assistant is not null;

    internal static DateTimeOffset Start(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>Reads it; each wrong field is named with its mend.</summary>
    internal static Result<CostFilter> Read(CostQuery query, DateOnly today)
    {
        var problems = new Dictionary<string, string[]>();
        var to = Day("to", query.To) ?? today;
        var from = Day("from", query.From) ?? to.AddDays(1 - DefaultDays);
        if (problems.Count == 0 && (from > to || to.DayNumber - from.DayNumber >= MaxDays))
        {
            problems["from"] = [from > to ? "from is after to." : $"At most {MaxDays} days at once; begin later or end earlier."];
        }
        foreach (var (field, text) in new[] { ("service", query.Service), ("provider", query.Provider), ("model", query.Model), ("feature", query.Feature) })
        {
            if (text is { Length: > MaxText })
            {
                problems[field] = [$"At most {MaxText} characters."];
            }
        }
        if (query.Tier is { } tier && !Tiers.Contains(tier))
        {
            problems["tier"] = [$"Give one of {string.Join(", ", Tiers)}."];
        }
        var (assistant, conversation) = (Id("assistant", query.Assistant), Id("conversation", query.Conversation));
        return problems.Count > 0 ? Error.Invalid(problems) : new CostFilter
        {
            From = from, To = to, Service = query.Service, Provider = query.Provider, Model = query.Model, Feature = query.Feature,
            Assistant = assistant, Conversation = conversation, Tier = query.Tier == None ? "" : query.Tier,
        };

        DateOnly? Day(string field, string? text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return null;
            }
            // Room on both sides for the period before and for the day after.
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and <= 2200)
            {
                return day;
            }
            problems[field] = ["Give a day of the years 2000 to 2200 as 2026-01-31."];
            return null;
        }

        Guid? Id(string field, string? text)
        {
            if (text is null)
            {
                return null;
            }
            if (text == None)
            {
                return Guid.Empty;
            }
            if (Guid.TryParse(text, out var id))
            {
                return id;
            }
            problems[field] = [$"Give an id, or {None}."];
            return null;
        }
    }
}
