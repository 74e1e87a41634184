using System.Collections.Frozen;
using System.Globalization;

namespace Parley.Testkit.Models;

/// <summary>
/// What goes wrong with a call. Named in the base URL (<c>http://localhost:5199/~429;retry-after=7/anthropic</c>), behind the model's name
/// (<c>large!529</c>), in the header <c>x-fault</c>, or for the next calls by <c>POST /control/faults</c>.
/// </summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
/// <param name="Settings">What follows the name: <c>retry-after</c> in seconds, <c>ms</c> for waits (without it, until the caller gives up), <c>after</c> for how many pieces come first.</param>
public sealed record Fault(string Name, FrozenDictionary<string, string> Settings)
{
    /// <summary>Those that are a status.</summary>
    internal static readonly FrozenDictionary<string, int> Statuses = new Dictionary<string, int>
    {
        ["400"] = 400, ["401"] = 401, ["403"] = 403, ["404"] = 404, ["413"] = 413, ["429"] = 429, ["500"] = 500, ["503"] = 503, ["529"] = 529,
        ["no-credit"] = 429, ["too-long"] = 400,
    }.ToFrozenDictionary();

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Statuses.Keys.Order(StringComparer.Ordinal),
        "slow", // nothing for a while
        "slow-first-token", // the stream opens, then nothing
        "stall", // a few words, then nothing
        "cut", // a few words, then the connection is closed
        "ends-early", // a few words, then a proper end of the connection without the stream's own end
        "malformed", // a few words, then an event that is no JSON
        "error-event", // a few words, then an error event
        "html", // a page instead of an answer
        "empty", // an answer that says nothing
        "refused", // the filter steps in
        "wrong-dimension", "nan", "fewer", // vectors and scores
        "weak", // an answer that is unsure and cites nothing
        "unsure", // an answer that cites and says that it is not sure
        "batch", // a file of requests that goes wrong: see DoubleBatch for its settings
    ];

    /// <exception cref="FormatException">Not a fault.</exception>
    public static Fault Parse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0 || !Names.Contains(parts[0]))
        {
            throw new FormatException($"'{text}' is no fault. Known are {string.Join(", ", Names)}.");
        }
        return new Fault(parts[0], parts.Skip(1).Select(part => part.Split('=', 2)).ToFrozenDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : ""));
    }

    internal bool Is(params ReadOnlySpan<string> names) => names.Contains(Name);

    internal int? Number(string setting) => Settings.TryGetValue(setting, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>Waits as long as said, otherwise until the caller has gone.</summary>
    internal Task WaitAsync(TimeProvider time, CancellationToken gone) =>
        Task.Delay(Number("ms") is { } ms ? TimeSpan.FromMilliseconds(ms) : Timeout.InfiniteTimeSpan, time, gone);
}
