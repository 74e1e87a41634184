using System.Buffers.Text;
using Parley.Conversations.Contracts;
using Parley.Knowledge.Analysis;

namespace Parley.Conversations.Search;

/// <summary>
/// The words under which a message is found: those of the tokeniser as written, their stems beside them, and pairs of characters where a
/// script has no spaces between words. Pure.
/// </summary>
internal static class SearchTerms
{
    /// <summary>Of a message; every term begins with <see cref="MarkOf"/> its tenant.</summary>
    internal static string[] Of(Guid tenantId, IEnumerable<MessagePart> parts) => Of(tenantId, parts.Select(TextOf));

    /// <inheritdoc cref="Of(Guid, IEnumerable{MessagePart})"/>
    internal static string[] Of(Guid tenantId, IEnumerable<string?> texts)
    {
        var mark = MarkOf(tenantId);
        var terms = new HashSet<string>(StringComparer.Ordinal);
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        foreach (var text in texts)
        {
            var reader = new WordReader(text, buffer);
            while (reader.Read())
            {
                if (reader.IsPair)
                {
                    terms.Add(string.Concat(mark, reader.Word));
                    // Alone as well, or the last character of a run would begin no term.
                    if (reader.EndsRun && reader.Word.Length == 2)
                        terms.Add(string.Concat(mark, reader.Word[1..]));
                }
                else if (!StopWords.IsStopWord(reader.Word))
                {
                    terms.Add(string.Concat(mark, reader.Word));
                    // In place: the word itself is gone after it.
                    terms.Add(string.Concat(mark, buffer[..TextAnalyzer.StemInPlace(buffer[..reader.Word.Length])]));
                }
            }
        }
        return [.. terms];
    }

    /// <summary>Four letters that stand for a tenant. Two tenants may share them: they keep lists short, the policy keeps tenants apart.</summary>
    internal static string MarkOf(Guid tenantId)
    {
        Span<byte> bytes = stackalloc byte[16];
        tenantId.TryWriteBytes(bytes);
        return Base64Url.EncodeToString(bytes[13..]);
    }

    /// <summary>What a person may read of a part as words; null: nothing.</summary>
    internal static string? TextOf(MessagePart part) =>
        part.Type is "text" or "transcript" && part.Content.TryGetProperty("text", out var text) ? text.GetString() : null;
}
