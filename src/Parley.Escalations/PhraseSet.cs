using Parley.Knowledge.Analysis;

namespace Parley.Escalations;

/// <summary>
/// Finds phrases in a clause, word by word in the form the index uses (no marks, lower case; spaceless scripts as pairs).
/// In a phrase <c>(a|b|)</c> are alternatives, a trailing <c>*</c> stands for any ending, <c>..</c> for up to four words and
/// <c>^</c> and <c>$</c> for the clause's begin and end.
/// </summary>
public sealed class PhraseSet
{
    private const int LongestGap = 4;
    private readonly Dictionary<string, List<Phrase>> _byFirstWord = new(StringComparer.Ordinal);
    private readonly List<Phrase> _others = [];

    // Alternatives stay alternatives: written out, a phrase of six groups has tens of thousands of forms.
    public PhraseSet(IEnumerable<string> phrases)
    {
        foreach (var phrase in phrases.Select(p => new Phrase([.. Chunks(p).Select(chunk => Expand(chunk).Select(Compile).ToArray())])))
        {
            var first = phrase.FirstTokens().ToList();
            if (first.Exists(t => t.Kind != TokenKind.Word))
            {
                _others.Add(phrase);
                continue;
            }
            foreach (var word in first.Select(t => t.Text).Distinct(StringComparer.Ordinal))
            {
                (_byFirstWord.TryGetValue(word, out var list) ? list : _byFirstWord[word] = []).Add(phrase);
            }
        }
    }

    private enum TokenKind
    {
        Word,
        Prefix,
        Gap,
        Begin,
        End,
    }

    /// <summary>The words of a text. The Turkish dotless ı counts as i, as many people type it.</summary>
    public static List<string> Words(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var reader = new WordReader(text, buffer);
        while (reader.Read())
        {
            words.Add(reader.Word.ToString().Replace('ı', 'i'));
        }
        return words;
    }

    /// <summary>Does a phrase occur anywhere?</summary>
    public bool IsIn(IReadOnlyList<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (StartsAt(words, i))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Does a phrase begin at this word?</summary>
    public bool StartsAt(IReadOnlyList<string> words, int index) =>
        index < words.Count
        && ((_byFirstWord.TryGetValue(words[index], out var candidates) && candidates.Exists(c => c.Matches(words, index)))
            || _others.Exists(c => c.Matches(words, index)));

    /// <summary>The parts of a phrase between spaces that are outside of parentheses.</summary>
    private static IEnumerable<string> Chunks(string phrase)
    {
        for (int start = 0, at = 0, depth = 0; at <= phrase.Length; at++)
        {
            if (at == phrase.Length || (phrase[at] == ' ' && depth == 0))
            {
                if (at > start)
                {
                    yield return phrase[start..at];
                }
                start = at + 1;
            }
            else
            {
                depth += phrase[at] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }

    private static Token[] Compile(string phrase)
    {
        var tokens = new List<Token>();
        foreach (var piece in phrase.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (piece == "..")
            {
                tokens.Add(new Token(TokenKind.Gap, ""));
            }
            else if (piece is "^" or "$")
            {
                tokens.Add(new Token(piece == "^" ? TokenKind.Begin : TokenKind.End, ""));
            }
            else
            {
                var words = Words(piece);
                tokens.AddRange(words.Select((w, i) => new Token(i == words.Count - 1 && piece.EndsWith('*') ? TokenKind.Prefix : TokenKind.Word, w)));
            }
        }
        return [.. tokens];
    }

    /// <summary>A phrase with each of its alternatives.</summary>
    public static IEnumerable<string> Expand(string phrase)
    {
        var open = phrase.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
        {
            return [phrase];
        }
        var close = phrase.IndexOf(')', open);
        return phrase[(open + 1)..close].Split('|').SelectMany(option => Expand(phrase[..open] + option + phrase[(close + 1)..]));
    }

    private readonly record struct Token(TokenKind Kind, string Text);

    /// <param name="chunks">One after another, each in one of its forms; a form may be empty, all of them may not.</param>
    private sealed class Phrase(Token[][][] chunks)
    {
        /// <summary>What a form of the phrase may begin with.</summary>
        internal IEnumerable<Token> FirstTokens()
        {
            foreach (var forms in chunks)
            {
                foreach (var form in forms.Where(f => f.Length > 0))
                {
                    yield return form[0];
                }
                if (forms.All(f => f.Length > 0))
                {
                    yield break;
                }
            }
        }

        internal bool Matches(IReadOnlyList<string> words, int index) => Continues(words, index, 0, [], 0, begun: false);

        /// <summary>Does the rest of a form, and after it the chunks from <paramref name="chunk"/> on, match here?</summary>
        private bool Continues(IReadOnlyList<string> words, int index, int chunk, Token[] form, int at, bool begun)
        {
            for (; at < form.Length; at++, index++)
            {
                var token = form[at];
                switch (token.Kind)
                {
                    case TokenKind.End:
                        return index >= words.Count;
                    case TokenKind.Begin when index > 0:
                        return false;
                    case TokenKind.Begin:
                        index--;
                        break;
                    case TokenKind.Gap:
                        for (var skip = 0; skip <= LongestGap; skip++)
                        {
                            if (Continues(words, index + skip, chunk, form, at + 1, begun: true))
                            {
                                return true;
                            }
                        }
                        return false;
                    case TokenKind.Word when index >= words.Count || words[index] != token.Text:
                    case TokenKind.Prefix when index >= words.Count || !words[index].StartsWith(token.Text, StringComparison.Ordinal):
                        return false;
                }
            }
            begun |= form.Length > 0;
            return chunk == chunks.Length ? begun : Array.Exists(chunks[chunk], next => Continues(words, index, chunk + 1, next, 0, begun));
        }
    }
}
