using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Assistant;

/// <summary>A step that was taken: how long it took and what it decided, in ids, scores and reasons; never texts.</summary>
internal sealed record TurnStep(string Name, DateTimeOffset StartedAt, long DurationUs, object? Data);

/// <summary>Writes the steps of a turn down as they are taken.</summary>
internal sealed class TurnTrace(TimeProvider time)
{
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly long _started = time.GetTimestamp();
    private readonly List<TurnStep> _steps = [];
    private int _written;

    internal IReadOnlyList<TurnStep> Steps => _steps;

    /// <summary>Time since the trace began.</summary>
    internal TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Milliseconds by step, and in total.</summary>
    internal Dictionary<string, double> TimingsMs()
    {
        var timings = _steps.GroupBy(s => s.Name).ToDictionary(g => g.Key, g => Math.Round(g.Sum(s => s.DurationUs) / 1000d, 3));
        timings["total"] = Math.Round(Elapsed.TotalMilliseconds, 3);
        return timings;
    }

    /// <summary>Takes a step of pure work.</summary>
    internal T Step<T>(string name, Func<T> work, Func<T, object?> data)
    {
        var (at, started) = (time.GetUtcNow(), time.GetTimestamp());
        var result = work();
        Add(name, at, started, data(result));
        return result;
    }

    /// <summary>Takes a step that waits.</summary>
    internal async Task<T> StepAsync<T>(string name, Func<Task<T>> work, Func<T, object?> data)
    {
        var (at, started) = (time.GetUtcNow(), time.GetTimestamp());
        var result = await work();
        Add(name, at, started, data(result));
        return result;
    }

    /// <summary>The steps that were not taken from here before, with the ordinal of the first.</summary>
    internal (int First, IReadOnlyList<TurnStep> Steps) TakeNew()
    {
        var first = _written;
        _written = _steps.Count;
        return (first, _steps[first..]);
    }

    private void Add(string name, DateTimeOffset at, long started, object? data) =>
        _steps.Add(new TurnStep(name, at, (long)time.GetElapsedTime(started).TotalMicroseconds, data));
}
