using System.Collections.Frozen;

namespace Parley.Knowledge.Analysis;

/// <summary>Words without a subject of their own. The shorter list leaves question words, which tell FAQ titles apart.</summary>
public static class StopWords
{
    private const string Function =
        "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with";

    private const string Question =
        "what which who whom whose when where why how do does did can could would should may might am i me my you your we our us he she his her him " +
        "has have had having been being from about than too very just also any some so up out over under again more most other only own same both each " +
        "few were shall its dont doesnt isnt im";

    private const string Measure = "long often many much big large far fast quickly soon old high";

    private const string Elisions = "l d j m n s t c qu jusqu lorsqu puisqu quoiqu un all dall dell nell sull quell quest bell sant";

    private static readonly FrozenSet<string> ElisionSet = Elisions.Split(' ').ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> FunctionSet = Function.Split(' ').ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> AllSet = $"{Function} {Question}".Split(' ').ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> MeasureSet = Measure.Split(' ').ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> MeasureLookup = MeasureSet.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> ElisionLookup = ElisionSet.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> FunctionLookup = FunctionSet.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> AllLookup = AllSet.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What French, Italian and Catalan shorten before an apostrophe: l'année, dell'ufficio.</summary>
    internal static bool IsElision(ReadOnlySpan<char> beforeApostrophe) => ElisionLookup.Contains(beforeApostrophe);

    /// <summary>After "how": "how long" and "how often" ask; "long" is not what they ask about.</summary>
    internal static bool IsMeasure(ReadOnlySpan<char> word) => MeasureLookup.Contains(word);

    /// <summary>Articles, prepositions, conjunctions: dropped everywhere.</summary>
    public static bool IsFunctionWord(ReadOnlySpan<char> word) => FunctionLookup.Contains(word);

    /// <summary>Function words and question, auxiliary and pronoun words: dropped in all legs but those on titles.</summary>
    public static bool IsStopWord(ReadOnlySpan<char> word) => AllLookup.Contains(word);

    /// <summary>Some stop word begins so: who types it may be about to type that one.</summary>
    public static bool IsBegun(string start) => AllSet.Any(word => word.StartsWith(start, StringComparison.Ordinal));
}
