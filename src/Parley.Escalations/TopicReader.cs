using System.Globalization;
using System.Text.RegularExpressions;
using Parley.Escalations.Contracts;

namespace Parley.Escalations;

/// <summary>What a message says about delicate topics.</summary>
/// <param name="Mentioned">Topics it is about.</param>
/// <param name="OwnAccount">Topics in which it reports a problem with the customer's own account.</param>
/// <param name="DisputedAmount">The highest amount that it disputes.</param>
internal sealed record TopicReading(IReadOnlyList<string> Mentioned, IReadOnlyList<string> OwnAccount, decimal? DisputedAmount);

/// <summary>Reads topics out of a message by the words of its language; pure.</summary>
internal static partial class TopicReader
{
    /// <summary>Reads all topics that the rules name.</summary>
    internal static TopicReading Read(string text, string? language, EscalationRules rules)
    {
        var mentioned = new SortedSet<string>(StringComparer.Ordinal);
        var own = new SortedSet<string>(StringComparer.Ordinal);
        decimal? disputed = null;
        foreach (var lexicon in Lexicon.For(language))
        {
            var clauses = Clauses(text, lexicon);
            var firstPerson = clauses.Exists(c => lexicon.FirstPerson.IsIn(c.Words));
            foreach (var topic in lexicon.Topics.Values.Where(t => rules.Topics.ContainsKey(t.Name)))
            {
                var reported = clauses.Exists(c => !c.Hypothetical && (topic.Reports.IsIn(c.Words) || (firstPerson && topic.Problems.IsIn(c.Words))));
                if (reported)
                {
                    own.Add(topic.Name);
                }
                if (reported || clauses.Exists(c => topic.Mentions.IsIn(c.Words)))
                {
                    mentioned.Add(topic.Name);
                }
            }
            if (clauses.Exists(c => !c.Hypothetical && lexicon.Disputes.IsIn(c.Words)) && (mentioned.Contains("billing") || mentioned.Contains("refund")))
            {
                disputed = Amounts(text).Append(disputed ?? 0).Max();
            }
        }
        AddOwnWords(text, rules, mentioned);
        return new TopicReading([.. mentioned], [.. own], disputed is > 0 ? disputed : null);
    }

    /// <summary>The amounts of money in a text, in whatever currency.</summary>
    internal static IEnumerable<decimal> Amounts(string text) =>
        AmountPattern().Matches(text).Select(m => Number(m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value));

    private static void AddOwnWords(string text, EscalationRules rules, SortedSet<string> mentioned)
    {
        foreach (var (name, rule) in rules.Topics.Where(t => t.Value.Words.Count > 0))
        {
            if (new PhraseSet(rule.Words.Select(Plain)).IsIn(PhraseSet.Words(text)))
            {
                mentioned.Add(name);
            }
        }
    }

    // A tenant writes words, not patterns: only the trailing asterisk means something.
    private static string Plain(string word) => word.Replace('(', ' ').Replace(')', ' ').Replace("..", " ", StringComparison.Ordinal).Replace('$', ' ');

    private static List<Clause> Clauses(string text, Lexicon lexicon)
    {
        var clauses = new List<Clause>();
        foreach (var piece in ClauseEnd().Split(text))
        {
            var words = new List<string>();
            foreach (var word in PhraseSet.Words(piece))
            {
                if (words.Count > 0 && lexicon.ClauseBreaks.Contains(word))
                {
                    clauses.Add(Make(words, lexicon));
                    words = [];
                }
                words.Add(word);
            }
            if (words.Count > 0)
            {
                clauses.Add(Make(words, lexicon));
            }
        }
        return clauses;
    }

    // "And how do I …", "ok, what if …": the opener may stand behind up to two words.
    private static Clause Make(List<string> words, Lexicon lexicon) =>
        new(words, Enumerable.Range(0, Math.Min(3, words.Count)).Any(i => lexicon.Hypothetical.StartsAt(words, i)));

    private static decimal Number(string digits)
    {
        var last = digits.LastIndexOfAny(['.', ',']);
        var separators = digits.Count(c => c is '.' or ',');
        // One separator before exactly three digits groups thousands (1,240); otherwise the last one is the decimal point.
        var isDecimal = last >= 0 && (digits.Length - last - 1 != 3 || (separators > 1 && digits.Count(c => c == digits[last]) == 1));
        var whole = new string([.. (isDecimal ? digits[..last] : digits).Where(char.IsAsciiDigit)]);
        var fraction = isDecimal ? digits[(last + 1)..] : "";
        return decimal.TryParse(whole + "." + fraction, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    private sealed record Clause(List<string> Words, bool Hypothetical);

    [GeneratedRegex(@"[.!?;:,](?=\s|$)|[\n()—–。！？；：，、؟،।]|\s-\s")]
    private static partial Regex ClauseEnd();

    private const string Currency = @"(?:[$€£¥₹₺₽฿₫]|\b(?:usd|eur|gbp|chf|jpy|inr|try|rub|ron|vnd|thb|cny|euros?|dollars?|pounds?|lei|lira)\b)";

    [GeneratedRegex(Currency + @"\s*(\d[\d.,]{0,14}\d|\d)|(?<![\d.,])(\d[\d.,]{0,14}\d|\d)\s*" + Currency, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AmountPattern();
}
