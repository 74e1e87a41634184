using System.Runtime.InteropServices;
using System.Text;

namespace Parley.Testkit.Models;

/// <summary>Vectors made of a text's words alone: the same text gives the same vector, and texts that share words are near each other.</summary>
internal static class Vectors
{
    internal static float[] Of(string text, int dimensions)
    {
        var vector = new float[dimensions];
        foreach (var word in Words.Of(text).DefaultIfEmpty(text))
        {
            var seed = Hash(word);
            for (var i = 0; i < 8; i++)
            {
                seed = (seed * 6364136223846793005UL) + 1442695040888963407UL;
                vector[(int)(seed >> 33) % dimensions] += (seed & (1UL << 32)) == 0 ? 1 : -1;
            }
        }
        var length = MathF.Sqrt(vector.Sum(x => x * x));
        return length == 0 ? vector : [.. vector.Select(x => x / length)];
    }

    internal static string Base64(float[] vector) => Convert.ToBase64String(MemoryMarshal.AsBytes<float>(vector));

    /// <summary>FNV-1a: the same on every machine and in every process.</summary>
    private static ulong Hash(string word) => Encoding.UTF8.GetBytes(word).Aggregate(14695981039346656037UL, (hash, b) => (hash ^ b) * 1099511628211UL);
}
