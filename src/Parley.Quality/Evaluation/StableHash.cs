using System.Text;

namespace Parley.Quality.Evaluation;

/// <summary>FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo): the same on every machine, which string's own is not.</summary>
internal static class StableHash
{
    internal static uint Of(string text)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ b) * 16777619u;
        return hash;
    }
}
