using Parley.Knowledge.Imports;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Knowledge;

/// <summary>Lists that are ordered by path or address; the cursor is the last one.</summary>
internal static class PathPages
{
    internal static Error? Check(string? cursor, int? limit) =>
        limit is < 1 or > PageQuery.MaxLimit ? Error.Invalid("limit", $"Give a number from 1 to {PageQuery.MaxLimit}.")
        : cursor is { Length: > ImportPath.MaxLength } || (cursor?.Contains('\0', StringComparison.Ordinal) ?? false) ? Error.Invalid("cursor", "Give the value of `next` of an earlier answer.")
        : null;

    internal static Page<T> PageOf<T>(IReadOnlyList<T> oneMore, int take, Func<T, string> pathOf) =>
        oneMore.Count <= take ? new(oneMore, null) : new([.. oneMore.Take(take)], pathOf(oneMore[take - 1]));
}
