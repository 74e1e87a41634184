using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Testkit.Models;

/// <summary>
/// A file of requests. What goes wrong is said by the fault <c>batch</c> in the account's address, all of it together: <c>polls=N</c> under way for so many looks;
/// <c>expired=N</c>, <c>errored=N</c> (<c>error=NAME</c>: its type), <c>missing=N</c> (billed, without a line), <c>garbled=N</c> (billed, a line that is no JSON): so many of the
/// first requests, in this order; <c>canceled=1</c> the second half was called off; <c>failed=1</c> the file is refused as a whole; <c>shuffled=1</c>, <c>duplicates=1</c>,
/// <c>unknown=1</c> lines in another order, twice, of somebody else; <c>cut=N</c> so many readings break off in the middle; <c>create=STATUS</c>, <c>poll=STATUS</c>,
/// <c>results=STATUS</c> the first such call fails (<c>retry-after</c> in seconds); <c>lost=1</c> the first one is made, and the answer that says so is lost.
/// </summary>
internal sealed class DoubleBatch(string id, string key, IReadOnlyList<(string CustomId, JsonElement Body)> requests, Fault? fault, DateTimeOffset createdAt)
{
    internal string Id => id;

    internal string Key => key;

    internal IReadOnlyList<(string CustomId, JsonElement Body)> Requests => requests;

    internal DateTimeOffset CreatedAt => createdAt;

    internal JsonNode? Metadata { get; init; }

    internal string? InputFile { get; init; }

    internal bool CancelAsked { get; set; }

    /// <summary>One for each that has a line, in order; null: under way.</summary>
    internal IReadOnlyList<DoubleResult>? Results { get; set; }

    internal int Looks { get; set; }

    internal int Reads { get; set; }

    internal string? OutputFile { get; set; }

    internal string? ErrorFile { get; set; }

    internal int Setting(string name) => fault is { Name: "batch" } ? fault.Number(name) ?? 0 : 0;

    internal string ErrorType => fault is { Name: "batch" } && fault.Settings.TryGetValue("error", out var type) ? type : "api_error";

    /// <summary>Processes it when its time has come. True: it has ended.</summary>
    internal bool Look(Func<JsonElement, (JsonObject? Answer, string? Error)> ask)
    {
        lock (this)
        {
            if (Results is null && (CancelAsked || Looks++ >= Setting("polls")))
            {
                Results = Setting("failed") > 0 ? [] : [.. requests.Select((request, i) => One(i, request.CustomId, request.Body, ask))];
            }
            return Results is not null;
        }
    }

    private DoubleResult One(int index, string customId, JsonElement body, Func<JsonElement, (JsonObject? Answer, string? Error)> ask)
    {
        var (expired, errored, missing, garbled) = (Setting("expired"), Setting("errored"), Setting("missing"), Setting("garbled"));
        if (CancelAsked || (Setting("canceled") > 0 && index >= requests.Count / 2))
        {
            return new DoubleResult(customId, "canceled");
        }
        if (index < expired + errored)
        {
            return index < expired ? new DoubleResult(customId, "expired") : new DoubleResult(customId, "errored") { Error = ErrorType };
        }
        var (answer, error) = ask(body);
        return error is not null ? new DoubleResult(customId, "errored") { Error = error }
            : new DoubleResult(customId, "succeeded") { Answer = answer, Missing = index < expired + errored + missing, Garbled = index >= expired + errored + missing && index < expired + errored + missing + garbled };
    }
}

/// <summary>How one request ended.</summary>
internal sealed record DoubleResult(string CustomId, string Kind)
{
    internal JsonObject? Answer { get; init; }

    internal string? Error { get; init; }

    internal bool Missing { get; init; }

    internal bool Garbled { get; init; }
}

/// <summary>A file that was sent or made.</summary>
internal sealed record DoubleFile(string Id, string Key, string Name, string Text);

/// <summary>What the double keeps for its keys; nobody sees another's.</summary>
internal sealed class BatchDesk
{
    private readonly ConcurrentDictionary<string, int> _made = new();
    private readonly ConcurrentDictionary<(string Key, string What), int> _failed = new();
    private int _next;

    internal ConcurrentDictionary<string, DoubleBatch> Batches { get; } = new();

    internal ConcurrentDictionary<string, DoubleFile> Files { get; } = new();

    internal string NextId(string prefix) => $"{prefix}_{Interlocked.Increment(ref _next):D6}";

    internal void Add(DoubleBatch batch)
    {
        _made.AddOrUpdate(batch.Key, 1, (_, n) => n + 1);
        Batches[batch.Id] = batch;
    }

    internal DoubleFile AddFile(string key, string name, string text)
    {
        var file = new DoubleFile(NextId("file"), key, name, text);
        Files[file.Id] = file;
        return file;
    }

    internal int MadeBy(string key) => _made.GetValueOrDefault(key);

    internal int KeptFor(string key) => Batches.Values.Count(batch => batch.Key == key && batch.InputFile is null) + Files.Values.Count(file => file.Key == key);

    /// <summary>The status with which the first call of a kind fails; null: it does not.</summary>
    internal int? FailsFirst(string key, string what, Fault? fault) =>
        fault is { Name: "batch" } && fault.Number(what) is { } status && _failed.AddOrUpdate((key, what), 1, (_, n) => n + 1) == 1 ? status : null;
}
