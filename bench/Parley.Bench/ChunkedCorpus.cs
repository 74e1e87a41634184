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
    private readonly Dictionary<Guid, string> _sections = [];

    private ChunkedCorpus(IEnumerable<(string Name, string? Title, string Text, string Path)> files, bool whole = false)
    {
        var documents = files.Select((f, i) => whole ? Take(f.Name, f.Title, f.Text, i) : Read(f.Name, f.Title, f.Text, f.Path, i)).ToList();
        Index = KnowledgeIndex.Build(documents, 1);
    }

    internal KnowledgeIndex Index { get; }

    internal static ChunkedCorpus Of(Dataset data) => new(data.Documents.Select(d => (d.Id, (string?)d.Title, d.Text, d.Id + ".md")));

    /// <summary>Each document as one passage.</summary>
    internal static ChunkedCorpus Whole(Dataset data) => new(data.Documents.Select(d => (d.Id, (string?)d.Title, d.Text, d.Id)), whole: true);

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

    /// <summary>The section around the first of the passages; nothing without one.</summary>
    internal IEnumerable<string> SectionOf(IEnumerable<RankedChunk> passages) => passages.Take(1).Select(c => _sections[c.ParentId!.Value]);

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
            foreach (var (number, section) in Chunker.Cut(read.Value, ChunkingMode.Hierarchical).Index())
            {
                var parent = new Guid(ordinal, (short)number, 2, 0, 0, 0, 0, 0, 0, 0, 0);
                _sections[parent] = section.Text;
                chunks.AddRange(section.Chunks.Select((c, i) => new IndexChunk
                {
                    Id = new Guid(ordinal, (short)(chunks.Count + i), 1, 0, 0, 0, 0, 0, 0, 0, 0),
                    Version = 1,
                    ParentId = parent,
                    HeadingPath = c.HeadingPath,
                    Anchor = c.Anchor,
                    Text = c.Text,
                }).ToList());
            }
        }
        return Keep(id, title ?? (read.Error is null ? read.Value.Title : ""), chunks);
    }

    private IndexDocument Take(string name, string? title, string text, int ordinal)
    {
        var id = new Guid(ordinal, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        _names[id] = name;
        return Keep(id, title ?? "", [new IndexChunk { Id = id, Version = 1, Text = text }]);
    }

    private IndexDocument Keep(Guid id, string title, List<IndexChunk> chunks)
    {
        var document = new IndexDocument
        {
            Id = id,
            Version = 1,
            SourceId = Guid.Empty,
            Title = title,
            Chunks = chunks,
        };
        chunks.ForEach(c => _chunks[c.Id] = (document, c));
        return document;
    }
}
