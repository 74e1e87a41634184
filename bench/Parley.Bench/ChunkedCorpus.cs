using System.Text;
using Parley.Assistant.Composer;
using Parley.Knowledge.Chunking;
using Parley.Knowledge.Readers;
using Parley.Knowledge.Retrieval;
using Parley.Quality.Evaluation;

namespace Parley.Bench;

/// <summary>Documents read and cut as an import does it, with their texts at hand: the whole way from file to answer without a database.</summary>
internal sealed class ChunkedCorpus
{
    private readonly Dictionary<Guid, (IndexDocument Document, IndexChunk Chunk)> _chunks = [];
    private readonly Dictionary<Guid, string> _names = [];

    private ChunkedCorpus(IEnumerable<(string Name, string? Title, string Text, string Path)> files)
    {
        var documents = files.Select((f, i) => Read(f.Name, f.Title, f.Text, f.Path, i)).ToList();
        Index = KnowledgeIndex.Build(documents, 1);
    }

    internal KnowledgeIndex Index { get; }

    internal static ChunkedCorpus Of(Dataset data) => new(data.Documents.Select(d => (d.Id, (string?)d.Title, d.Text, d.Id + ".md")));

    /// <summary>A folder of files as a user would import it.</summary>
    internal static ChunkedCorpus Of(string folder) => new(
        Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (Path.GetRelativePath(folder, f), (string?)null, File.ReadAllText(f), f)));

    internal string NameOf(Guid document) => _names[document];

    internal (RetrievalResult Retrieval, Composition Answer) Answer(RetrievalQuery query, double? threshold = null)
    {
        var retrieval = Index.Search(query);
        var evidence = retrieval.Chunks.Select(c => ToEvidence(c)).ToList();
        return (retrieval, ExtractiveComposer.Compose(query.Text, retrieval, evidence, threshold));
    }

    internal string TextOf(Guid chunk) => _chunks[chunk].Chunk.Text;

    private Evidence ToEvidence(RankedChunk ranked)
    {
        var (document, chunk) = _chunks[ranked.Id];
        return new Evidence
        {
            ChunkId = ranked.Id,
            Version = ranked.Version,
            DocumentId = document.Id,
            Title = document.Title,
            HeadingPath = ranked.HeadingPath,
            Anchor = ranked.Anchor,
            Text = chunk.Text,
            Score = ranked.Score,
        };
    }

    private IndexDocument Read(string name, string? title, string text, string path, int ordinal)
    {
        var id = new Guid(ordinal, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        _names[id] = name;
        var read = DocumentReader.Read(Encoding.UTF8.GetBytes(text), path);
        List<IndexChunk> chunks = [];
        if (read.Error is null)
        {
            chunks.AddRange(Chunker.Cut(read.Value, ChunkingMode.Hierarchical).SelectMany(s => s.Chunks).Select((c, i) => new IndexChunk
            {
                Id = new Guid(ordinal, (short)i, 1, 0, 0, 0, 0, 0, 0, 0, 0),
                Version = 1,
                HeadingPath = c.HeadingPath,
                Anchor = c.Anchor,
                Text = c.Text,
            }));
        }
        var document = new IndexDocument
        {
            Id = id,
            Version = 1,
            SourceId = Guid.Empty,
            Title = title ?? (read.Error is null ? read.Value.Title : ""),
            Chunks = chunks,
        };
        chunks.ForEach(c => _chunks[c.Id] = (document, c));
        return document;
    }
}
