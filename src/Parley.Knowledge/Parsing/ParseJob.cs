using System.Text.Json.Serialization;
using Parley.Knowledge.Chunking;

namespace Parley.Knowledge.Parsing;

/// <summary>A file to read.</summary>
/// <param name="Path">Inside its source.</param>
/// <param name="Mode">How it is cut.</param>
/// <param name="Depth">Archives around it.</param>
/// <param name="TimeoutMs">When the parent will stop it; the child gives up a little later by itself, in case the parent is gone.</param>
internal sealed record ParseJob(string Path, ChunkingMode Mode, int Depth, int TimeoutMs);

/// <summary>A document as it is stored: read and cut.</summary>
internal sealed record ParsedDocument
{
    public required string Title { get; init; }

    /// <summary>As the document states it, BCP 47; null where it states none.</summary>
    public string? Language { get; init; }

    /// <summary>As its words tell, ISO 639-1; null where they tell nothing.</summary>
    public string? DetectedLanguage { get; init; }

    public string? Url { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public required IReadOnlyList<DocumentSection> Sections { get; init; }
}

/// <summary>The end of a job: a document, or the reason for none, or an archive whose entries were sent before.</summary>
internal sealed record ParseReply
{
    public ParsedDocument? Document { get; init; }

    /// <summary>Why the file cannot be read, with what to do about it.</summary>
    public string? Reason { get; init; }

    /// <summary>It is an archive.</summary>
    public bool IsArchive { get; init; }

    /// <summary>The child ends after this reply: another file would suffer from what this one left.</summary>
    public bool IsLast { get; init; }
}

/// <summary>A file inside an archive; its content follows in a frame of its own, unless there is a reason.</summary>
/// <param name="Path">Inside the archive.</param>
/// <param name="Reason">Why it is left out.</param>
internal sealed record EntryHead(string Path, string? Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ParseJob))]
[JsonSerializable(typeof(ParseReply))]
[JsonSerializable(typeof(EntryHead))]
internal sealed partial class ParseJson : JsonSerializerContext;
