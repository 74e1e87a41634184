using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Parley.Knowledge.Analysis;

namespace Parley.Knowledge.Review;

/// <summary>Two sentences of different documents that are the same but for a number, a date, a version or a negation.</summary>
internal sealed record SentencePair(Guid First, Guid Second, string Sentence, string OtherSentence);

/// <summary>
/// Groups sentences by their words without numbers and negations; in a group, those that differ in just these contradict each other. Exact
/// on purpose: a finding is something a person has to look at, so a missed one costs less than a false one.
/// </summary>
internal sealed class ContradictionFinder
{
    internal const int MaxPairs = 500;

    /// <summary>Words without numbers and negations; shorter sentences are labels ("Version 2.1").</summary>
    private const int MinWords = 5;

    /// <summary>A sentence of which there are more variants is a form that is filled in: release notes, price tables, changelogs.</summary>
    private const int MaxVariants = 3;

    private const int MaxSentence = 400;

    // Negations of the languages that the analyser knows, in the form in which words are read.
    private static readonly FrozenSet<string> Negations = new[]
    {
        "not", "no", "never", "cannot", "without", "isn't", "aren't", "can't", "don't", "doesn't", "won't", "didn't", "isnt", "arent", "cant", "dont", "doesnt", "wont", "t",
        "nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "pas", "jamais", "aucun", "aucune", "sans", "no", "nunca", "sin", "ningún", "ninguna",
        "não", "nunca", "sem", "non", "mai", "senza", "nu", "niciodată", "не", "нет", "никогда", "без", "değil", "yok", "asla", "δεν", "μην", "ποτέ", "không", "chưa", "नहीं", "لا", "ليس", "لن",
    }.ToFrozenSet(StringComparer.Ordinal);

    private sealed record Variant(ulong Values, Guid ChunkId, Guid DocumentId, string Sentence);

    private readonly Dictionary<ulong, List<Variant>> _groups = [];

    /// <summary>Takes a passage in, sentence by sentence.</summary>
    internal void Add(ReviewPassage passage)
    {
        foreach (var (start, length) in SentenceSplitter.Split(passage.Text))
        {
            if (length > MaxSentence)
                continue;
            var sentence = passage.Text.AsSpan(start, length).Trim();
            if (Key(sentence) is not { } key)
                continue;
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, key.Words, out _);
            group ??= new List<Variant>(1);
            // One of a kind is enough, and a form with many fillings needs no more.
            if (group.Count <= MaxVariants && !group.Exists(v => v.Values == key.Values && v.DocumentId == passage.DocumentId))
                group.Add(new Variant(key.Values, passage.Id, passage.DocumentId, sentence.ToString()));
        }
    }

    /// <summary>What contradicts what.</summary>
    internal IReadOnlyList<SentencePair> Pairs()
    {
        var pairs = new List<SentencePair>();
        foreach (var group in _groups.Values.Where(g => g.Count is > 1 and <= MaxVariants))
        {
            // A document that fills in the same sentence twice means both: two plans, two limits.
            if (group.GroupBy(v => v.DocumentId).Any(d => d.Count() > 1))
                continue;
            for (var i = 0; i < group.Count; i++)
            {
                for (var j = i + 1; j < group.Count && pairs.Count < MaxPairs; j++)
                {
                    if (group[i].Values != group[j].Values)
                        pairs.Add(new SentencePair(group[i].ChunkId, group[j].ChunkId, group[i].Sentence, group[j].Sentence));
                }
            }
        }
        return pairs;
    }

    /// <summary>The words of a sentence without what may contradict, and what may; null where there is too little of the one.</summary>
    private static (ulong Words, ulong Values)? Key(ReadOnlySpan<char> sentence)
    {
        var (words, values, count) = (WordHash.Start, WordHash.Start, 0);
        Span<char> buffer = stackalloc char[WordReader.MaxWordLength];
        var negations = Negations.GetAlternateLookup<ReadOnlySpan<char>>();
        var reader = new WordReader(sentence, buffer);
        while (reader.Read())
        {
            var number = reader.Word.ContainsAnyInRange('0', '9');
            if (number || negations.Contains(reader.Word))
            {
                values = WordHash.Append(values, reader.Word);
                // That a number stands here belongs to the words; a negation leaves no trace in them.
                words = number ? WordHash.Append(words, "#") : words;
                continue;
            }
            words = WordHash.Append(words, reader.Word);
            count++;
        }
        return count < MinWords ? null : (WordHash.Mix(words), WordHash.Mix(values));
    }
}
