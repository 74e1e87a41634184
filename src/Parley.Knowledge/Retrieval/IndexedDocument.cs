namespace Parley.Knowledge.Retrieval;

/// <summary>What the index keeps of a document besides its postings: ids, what filters need, and its passages. Shared by index versions.</summary>
/// <param name="Phrases">The phrases of a list of phrasings (<see cref="PhraseList"/>), which its classifier is trained on; null: it is none.</param>
/// <param name="Acronyms">Those that it introduces, with what they stand for.</param>
internal sealed record IndexedDocument(
    Guid Id, int Version, Guid SourceId, string Title, string Url, string? Language, string? Audience, DateTimeOffset? UpdatedAt, IndexedChunk[] Chunks, uint[][]? Phrases, (string Name, string Phrase)[] Acronyms);

/// <summary>A passage with its stems, by which it is chosen once its document has won.</summary>
/// <param name="Terms">The upper halves of the stems' keys, ascending, without repetition.</param>
/// <param name="Frequencies">How often each of <paramref name="Terms"/> occurs, at most 255.</param>
/// <param name="Length">Number of stems, repetitions counted.</param>
internal sealed record IndexedChunk(
    Guid Id, int Version, Guid? ParentId, IReadOnlyList<string> HeadingPath, string? Anchor, uint[] Terms, byte[] Frequencies, int Length)
{
    internal static uint TermOf(ulong key) => (uint)(key >> 32);

    internal int Frequency(ulong key)
    {
        var index = Array.BinarySearch(Terms, TermOf(key));
        return index < 0 ? 0 : Frequencies[index];
    }
}
