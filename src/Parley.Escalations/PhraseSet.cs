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
    private readonly Dictionary<string, List<Token[]>> _byFirstWord = new(StringComparer.Ordinal);
    private readonly List<Token[]> _others = [];

    public PhraseSet(IEnumerable<string> phrases)
    {
        foreach (var phrase in phrases.SelectMany(Expand))
        {
            var tokens = Compile(phrase);
            if (tokens is [])
            {
                continue;
            }
            if (tokens[0].Kind == TokenKind.Word)
            {
                (_byFirstWord.TryGetValue(tokens[0].Text, out var list) ? list : _byFirstWord[tokens[0].Text] = []).Add(tokens);
            }
            else
            {
                _others.Add(tokens);
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
        && ((_byFirstWord.TryGetValue(words[index], out var candidates) && candidates.Exists(c => Matches(c, 0, words, index)))
            || _others.Exists(c => Matches(c, 0, words, index)));

    private static bool Matches(Token[] phrase, int at, IReadOnlyList<string> words, int index)
    {
        for (; at < phrase.Length; at++, index++)
        {
            var token = phrase[at];
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
                        if (Matches(phrase, at + 1, words, index + skip))
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
        return true;
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
}
