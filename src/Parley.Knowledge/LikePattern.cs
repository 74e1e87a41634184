namespace Parley.Knowledge;

/// <summary>Patterns for <c>ilike</c> from what a person typed.</summary>
internal static class LikePattern
{
    /// <summary>Matches texts that contain it, its own wildcards taken literally; null where nothing was typed.</summary>
    internal static string? Containing(string? typed) => string.IsNullOrWhiteSpace(typed) ? null
        : "%" + typed.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
}
