namespace Parley.Knowledge.Review;

/// <summary>64-bit hashes of words, for comparing texts within one process: FNV-1a over the characters, then SplitMix64's finaliser.</summary>
internal static class WordHash
{
    internal const ulong Start = 14695981039346656037;

    internal static ulong Of(ReadOnlySpan<char> word) => Mix(Append(Start, word));

    /// <summary>Goes on from an earlier hash; the end of a word counts.</summary>
    internal static ulong Append(ulong hash, ReadOnlySpan<char> word)
    {
        foreach (var c in word)
            hash = (hash ^ c) * 1099511628211;
        return (hash ^ 0xFFFF) * 1099511628211;
    }

    internal static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
