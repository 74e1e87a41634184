using System.Buffers;

namespace Parley.Knowledge.Analysis;

/// <summary>
/// A name of several words that signs join without a space: <c>RAILWAY_PUBLIC_DOMAIN</c>, <c>ERR-1042</c>, <c>v2.10.3</c>,
/// <c>us-west2</c>, <c>docker-compose.yml</c>. Whoever asks for such a name means it and not its words.
/// </summary>
/// <param name="Key">Of the name as a whole, whatever its case and its joining signs.</param>
/// <param name="Start">Where it starts in the text.</param>
/// <param name="End">Where it ends (exclusive).</param>
public readonly record struct Identifier(ulong Key, int Start, int End)
{
    /// <summary>Longer ones are addresses and encoded data.</summary>
    private const int MaxParts = 8;

    private static readonly SearchValues<char> Marks = SearchValues.Create("_.@0123456789");

    /// <summary>Those of a text, in reading order.</summary>
    public static List<Identifier> In(ReadOnlySpan<char> text)
    {
        var found = new List<Identifier>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        var (name, parts) = (default(Identifier), 0);
        while (reader.Read())
        {
            var part = TermKey.OfStem(reader.Word);
            if (parts > 0 && !reader.IsPair && reader.Start == name.End + 1 && text[name.End] is '_' or '-' or '.' or '/' or ':' or '@')
            {
                (name, parts) = (new Identifier(TermKey.OfPair(name.Key, part), name.Start, reader.End), parts + 1);
                continue;
            }
            Take(found, text, name, parts);
            (name, parts) = (new Identifier(~part, reader.Start, reader.End), reader.IsPair ? 0 : 1);
        }
        Take(found, text, name, parts);
        return found;
    }

    // "Follow-up" and "T-cell" are words like others.
    private static void Take(List<Identifier> found, ReadOnlySpan<char> text, Identifier name, int parts)
    {
        if (parts is > 1 and <= MaxParts && text[name.Start..name.End].ContainsAny(Marks))
            found.Add(name);
    }
}
