namespace Parley.Knowledge.Analysis;

/// <summary>
/// Terms as 64-bit keys, so that an index holds no strings: stems and stem pairs are hashed, grams are packed exactly.
/// </summary>
/// <remarks>
/// Two of a million stems share a key with a probability of about 3·10⁻⁸; the effect of such a collision would be one wrong posting list.
/// Keys are stable across processes and versions: nothing depends on the runtime's randomised string hash.
/// </remarks>
internal static class TermKey
{
    /// <summary>The greatest number of characters in one gram key.</summary>
    internal const int GramLength = 4;

    internal static ulong OfStem(ReadOnlySpan<char> stem)
    {
        var hash = 0xcbf29ce484222325UL ^ (ulong)stem.Length;
        foreach (var c in stem)
            hash = Mix(hash ^ c);
        return hash;
    }

    internal static ulong OfPair(ulong first, ulong second) => Mix(first ^ Mix(second + 0x9e3779b97f4a7c15UL));

    /// <summary>Packs up to four UTF-16 units, most significant first.</summary>
    internal static ulong OfGram(ReadOnlySpan<char> gram)
    {
        var key = 0UL;
        foreach (var c in gram)
            key = (key << 16) | c;
        return key;
    }

    /// <summary>The finaliser of MurmurHash3 (A. Appleby, public domain): every input bit changes every output bit.</summary>
    private static ulong Mix(ulong x)
    {
        x ^= x >> 33;
        x *= 0xff51afd7ed558ccdUL;
        x ^= x >> 33;
        x *= 0xc4ceb9fe1a85ec53UL;
        return x ^ (x >> 33);
    }
}
