using Parley.Knowledge.Retrieval;

namespace Parley.Knowledge.Vectors;

/// <summary>Small passages are found, whole sections are read. Pure.</summary>
internal static class SmallToBig
{
    /// <summary>The passages of the sections around the best ones, section by section, each in reading order.</summary>
    /// <param name="chunks">Best first.</param>
    /// <param name="documents">Theirs.</param>
    internal static IReadOnlyList<RankedChunk> Widen(IReadOnlyList<RankedChunk> chunks, IReadOnlyDictionary<Guid, IndexedDocument> documents)
    {
        var (sections, wide) = (new HashSet<Guid>(), new List<RankedChunk>());
        foreach (var best in chunks.Take(RetrievalSettings.SmallPassages))
        {
            if (sections.Count == RetrievalSettings.BigSections || !sections.Add(best.ParentId ?? best.Id))
            {
                continue;
            }
            var scores = chunks.Where(chunk => chunk.DocumentId == best.DocumentId).ToDictionary(chunk => chunk.Id);
            IEnumerable<IndexedChunk> section = best.ParentId is null || !documents.TryGetValue(best.DocumentId, out var document) ? [] : document.Chunks.Where(chunk => chunk.ParentId == best.ParentId);
            var read = section.Select(chunk => scores.TryGetValue(chunk.Id, out var found) ? found
                : new RankedChunk(chunk.Id, chunk.Version, best.DocumentId, chunk.ParentId, chunk.HeadingPath, chunk.Anchor, best.Score)).ToList();
            wide.AddRange(read.Count > 0 ? read : [best]);
        }
        return wide;
    }
}
