using System.Numerics;
using System.Runtime.InteropServices;

namespace Parley.Knowledge.Retrieval;

/// <summary>
/// Tells which list of phrasings a question belongs to: multinomial logistic regression over TF-IDF features, trained on the documents' own
/// phrases. The same phrases in the same order give the same classifier on every node.
/// </summary>
/// <remarks>
/// Stochastic gradient descent, ten passes in a fixed shuffled order with a step of 2/(pass + 1); features that occur in one phrase only are
/// left out. Weights are kept by feature, so that a phrase touches a run of memory for each of its features.
/// </remarks>
internal sealed class PhraseClassifier
{
    private const int Passes = 10;
    private const float FirstStep = 2;

    /// <summary>The intercepts move slower: they would learn how often a class was given, not what it is.</summary>
    private const float InterceptShare = .05f;

    /// <summary>Weights that a classifier may have (64 MB), and multiplications that its training may cost (a few seconds): beyond it there is none.</summary>
    internal const long MaxWeights = 16_000_000, MaxWork = 10_000_000_000;

    private readonly Dictionary<uint, int> _features;
    private readonly float[] _idf;
    private readonly float[] _weights;
    private readonly float[] _intercepts;

    private PhraseClassifier(Dictionary<uint, int> features, float[] idf, int classes)
    {
        (_features, _idf) = (features, idf);
        _weights = new float[(long)features.Count * classes];
        _intercepts = new float[classes];
    }

    internal long Bytes => (_weights.Length * 4L) + (_features.Count * 20L);

    /// <param name="classes">The phrases of each class, in an order that depends on the content alone.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Null: it would be too large.</returns>
    internal static PhraseClassifier? Train(IReadOnlyList<uint[][]> classes, CancellationToken ct)
    {
        var phrases = classes.SelectMany((c, label) => c.Select(p => (Phrase: p, Label: label))).ToArray();
        var (features, idf) = Vocabulary(phrases);
        if ((long)features.Count * classes.Count > MaxWeights)
            return null;
        var classifier = new PhraseClassifier(features, idf, classes.Count);
        var vectors = Array.ConvertAll(phrases, p => classifier.Vector(p.Phrase));
        if (vectors.Sum(v => (long)v.Length) * classes.Count * 2 * Passes > MaxWork)
            return null;
        classifier.Fit(vectors, Array.ConvertAll(phrases, p => p.Label), ct);
        return classifier;
    }

    /// <summary>The probability of each class; they add up to 1.</summary>
    internal float[] Classify(uint[] phrase)
    {
        var scores = new float[_intercepts.Length];
        Score(Vector(phrase), scores);
        SoftMax(scores);
        return scores;
    }

    /// <summary>Features that at least two phrases have, and ln((1 + n)/(1 + df)) + 1.</summary>
    private static (Dictionary<uint, int> Features, float[] Idf) Vocabulary((uint[] Phrase, int Label)[] phrases)
    {
        var frequency = new Dictionary<uint, int>();
        foreach (var (phrase, _) in phrases)
        {
            for (var i = 0; i < phrase.Length; i++)
            {
                if (i == 0 || phrase[i] != phrase[i - 1])
                    CollectionsMarshal.GetValueRefOrAddDefault(frequency, phrase[i], out _)++;
            }
        }
        var kept = frequency.Where(f => f.Value > 1).Select(f => f.Key).Order().ToArray();
        var features = new Dictionary<uint, int>(kept.Length);
        var idf = new float[kept.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            features[kept[i]] = i;
            idf[i] = (float)(Math.Log((1d + phrases.Length) / (1 + frequency[kept[i]])) + 1);
        }
        return (features, idf);
    }

    /// <summary>(1 + ln tf)·idf, words and characters each of length 1, then both together.</summary>
    private (int Feature, float Value)[] Vector(uint[] phrase)
    {
        var vector = new List<(int Feature, float Value)>(phrase.Length);
        var (characters, words, wordsFrom) = (0d, 0d, 0);
        for (int i = 0, j; i < phrase.Length; i = j)
        {
            for (j = i + 1; j < phrase.Length && phrase[j] == phrase[i];)
                j++;
            if (!_features.TryGetValue(phrase[i], out var feature))
                continue;
            var value = (float)(1 + Math.Log(j - i)) * _idf[feature];
            if ((phrase[i] & PhraseFeatures.WordBit) == 0)
            {
                characters += value * value;
                wordsFrom++;
            }
            else
            {
                words += value * value;
            }
            vector.Add((feature, value));
        }
        var kinds = Math.Sqrt((characters > 0 ? 1 : 0) + (words > 0 ? 1 : 0));
        // Features of characters come first: their hashes are the smaller ones.
        for (var i = 0; i < vector.Count; i++)
            vector[i] = (vector[i].Feature, (float)(vector[i].Value / (Math.Sqrt(i < wordsFrom ? characters : words) * kinds)));
        return [.. vector];
    }

    private void Fit((int Feature, float Value)[][] vectors, int[] labels, CancellationToken ct)
    {
        var order = Enumerable.Range(0, vectors.Length).ToArray();
        var random = new PhraseOrder();
        var errors = new float[_intercepts.Length];
        for (var pass = 0; pass < Passes; pass++)
        {
            ct.ThrowIfCancellationRequested();
            random.Shuffle(order);
            var step = FirstStep / (pass + 1);
            foreach (var i in order)
            {
                Array.Clear(errors);
                Score(vectors[i], errors);
                SoftMax(errors);
                errors[labels[i]] -= 1;
                foreach (var (feature, value) in vectors[i])
                    AddScaled(errors, -step * value, Row(feature));
                AddScaled(errors, -step * InterceptShare, _intercepts);
            }
        }
    }

    private Span<float> Row(int feature) => _weights.AsSpan(feature * _intercepts.Length, _intercepts.Length);

    private void Score((int Feature, float Value)[] vector, Span<float> scores)
    {
        foreach (var (feature, value) in vector)
            AddScaled(Row(feature), value, scores);
        AddScaled(_intercepts, 1, scores);
    }

    /// <summary>Each class is summed by itself, so that the width of a machine's vectors does not matter to the result.</summary>
    private static void AddScaled(ReadOnlySpan<float> source, float scale, Span<float> target)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(target);
        var from = MemoryMarshal.Cast<float, Vector<float>>(source);
        var factor = new Vector<float>(scale);
        for (var i = 0; i < wide.Length; i++)
            wide[i] += from[i] * factor;
        for (var i = wide.Length * Vector<float>.Count; i < target.Length; i++)
            target[i] += source[i] * scale;
    }

    private static void SoftMax(Span<float> scores)
    {
        var (greatest, sum) = (float.MinValue, 0f);
        foreach (var score in scores)
            greatest = Math.Max(greatest, score);
        for (var i = 0; i < scores.Length; i++)
            sum += scores[i] = MathF.Exp(scores[i] - greatest);
        foreach (ref var score in scores)
            score /= sum;
    }
}

/// <summary>SplitMix64 (S. Vigna, public domain), fixed seed: the same orders wherever and whenever a classifier is trained.</summary>
internal sealed class PhraseOrder
{
    private ulong _state = 20_260_101;

    internal void Shuffle(int[] items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)(Next() % (ulong)(i + 1));
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private ulong Next()
    {
        var z = _state += 0x9e3779b97f4a7c15UL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
        return z ^ (z >> 31);
    }
}
