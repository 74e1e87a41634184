using FsCheck;
using FsCheck.Fluent;
using Parley.Knowledge.Retrieval;

namespace Parley.Tests.Unit.Knowledge;

internal static class IndexFixtures
{
    private static readonly string[] Vocabulary =
    [
        "cron", "jobs", "schedule", "running", "runs", "deploy", "deployment", "database", "backup", "restore", "how", "why", "the", "invoice",
        "billing", "größe", "付款", "账户", "пароль", "seven", "x1", "it's", "don't", "api",
    ];

    internal static IndexDocument Document(string title, params string[] passages) => Document(Guid.CreateVersion7(), title, passages);

    internal static IndexDocument Document(Guid id, string title, params string[] passages) => new()
    {
        Id = id,
        Version = 1,
        SourceId = Guid.Empty,
        Title = title,
        Chunks = [.. passages.Select(p => new IndexChunk { Id = Guid.CreateVersion7(), Version = 1, Text = p })],
    };

    internal static Gen<string> Text(int maxWords) =>
        Gen.Choose(0, maxWords).SelectMany(n => Gen.Elements(Vocabulary).ArrayOf(n)).Select(words => string.Join(' ', words));

    /// <summary>Documents over a small vocabulary, so that terms are shared, with every kind of filter field.</summary>
    internal static Gen<IndexDocument> AnyDocument(int ordinal) =>
        from title in Text(4)
        from passages in Text(30).ArrayOf(3)
        from headings in Text(2).ArrayOf(3)
        from audience in Gen.Elements(null, "", "customers", "internal")
        from language in Gen.Elements(null, "en", "en-GB", "de")
        from source in Gen.Choose(0, 2)
        select new IndexDocument
        {
            Id = Id(ordinal),
            Version = 1,
            SourceId = Id(1000 + source),
            Title = title,
            Audience = audience,
            Language = language,
            Chunks = [.. passages.Select((p, i) => new IndexChunk { Id = Id((ordinal * 10) + i), Version = 1, Text = p, HeadingPath = [headings[i]] })],
        };

    internal static Gen<IndexDocument[]> Corpus(int count) =>
        Enumerable.Range(0, count).Aggregate(
            Gen.Constant(Array.Empty<IndexDocument>()), (corpus, i) => corpus.SelectMany(c => AnyDocument(i), (c, d) => (IndexDocument[])[.. c, d]));

    internal static Guid Id(int n) => new(n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    internal static string Describe(RetrievalResult result) =>
        string.Join('\n', result.Documents.Select(d => $"{d.Id} {d.Score:R}")) + "\n--\n" + string.Join('\n', result.Chunks.Select(c => $"{c.Id} {c.Score:R}"));
}
