using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Vectors;

namespace Parley.Bench;

/// <summary>
/// The vector leg alone: exact search over all passages of a tenant in bytes, beside a plain loop over floats and the library's product over floats, all in the same run.
/// Vectors are made up: topics with passages around them, as texts have; questions lie near a passage.
/// </summary>
internal static class VectorBench
{
    private const int Dimensions = 1024, PerDocument = 5, Questions = 40, Top = 25, TopicSize = 50;

    private sealed record Row(int Passages, int Dimensions, double BindMs, double LegMs, double LegP95Ms, double FloatsMs, double PlainMs, double RecallAt25, long Megabytes, long FloatMegabytes);

    internal static int Run(string[] args)
    {
        var rows = new List<Row>();
        foreach (var passages in args.Contains("--small") ? [10_000] : new[] { 10_000, 100_000 })
        {
            rows.Add(Measure(passages));
        }
        if (args.Contains("--json"))
        {
            Console.WriteLine(JsonSerializer.Serialize(rows, JsonSerializerOptions.Web));
            return 0;
        }
        Console.WriteLine("passages  bind ms  leg p50/p95 ms  floats, library ms  floats, plain loop ms  recall@25  MB  MB as floats");
        foreach (var r in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Passages,8}  {r.BindMs,7:0.0}  {r.LegMs:0.00} / {r.LegP95Ms:0.00}  {r.FloatsMs:0.00}  {r.PlainMs:0.00}  {r.RecallAt25:0.0000}  {r.Megabytes}  {r.FloatMegabytes}"));
        }
        return 0;
    }

    private static Row Measure(int passages)
    {
        var random = new Random(20260101);
        var vectors = Vectors(random, passages);
        var questions = Enumerable.Range(0, Questions).Select(_ => Near(random, vectors[random.Next(passages)], .8)).ToList();
        var documents = Enumerable.Range(0, passages / PerDocument).Select(d => new IndexedDocument(
            Id(d), 1, Guid.Empty, "", "", null, null, null, [.. Enumerable.Range(0, PerDocument).Select(c => new IndexedChunk(Id((d * PerDocument) + c), 1, null, [], null, [], [], 0))], null, [])).ToArray();
        var rows = VectorRows.None(Guid.Empty, Dimensions).With(vectors.Select((vector, i) => new StoredVector(Id(i), 1, QuantizedVector.Of(vector))), 1);
        var clock = Stopwatch.StartNew();
        var leg = VectorLeg.Bind(rows, documents);
        var bind = clock.Elapsed.TotalMilliseconds;

        var asked = questions.ConvertAll(question => QuantizedVector.Of(question));
        List<HashSet<int>> found = [], exact = [];
        leg.Nearest(asked[0], documents, RetrievalFilter.None, Top);
        var ours = Times(q => found.Add([.. leg.Nearest(asked[q], documents, RetrievalFilter.None, Top).Select(each => each.Document)]));
        var library = Times(q => exact.Add(Best(vectors, questions[q], static (a, b) => TensorPrimitives.Dot<float>(a, b))));
        var plain = Times(q => Best(vectors, questions[q], Plain));
        var recall = found.Zip(exact, (a, b) => a.Count(b.Contains) / (double)Top).Average();
        return new Row(passages, Dimensions, bind, Percentile(ours, .5), Percentile(ours, .95), Percentile(library, .5), Percentile(plain, .5), recall, leg.Bytes >> 20, (long)passages * Dimensions * sizeof(float) >> 20);
    }

    private static List<double> Times(Action<int> work)
    {
        var times = new List<double>();
        for (var q = 0; q < Questions; q++)
        {
            var started = Stopwatch.GetTimestamp();
            work(q);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return times;
    }

    /// <summary>The nearest documents by floats.</summary>
    private static HashSet<int> Best(float[][] vectors, float[] question, Func<float[], float[], float> dot)
    {
        var scores = new float[vectors.Length / PerDocument];
        for (var i = 0; i < vectors.Length; i++)
        {
            scores[i / PerDocument] = i % PerDocument == 0 ? dot(question, vectors[i]) : Math.Max(scores[i / PerDocument], dot(question, vectors[i]));
        }
        var order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort((float[])scores.Clone(), order);
        return [.. order.TakeLast(Top)];
    }

    private static float Plain(float[] a, float[] b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static float[][] Vectors(Random random, int count)
    {
        var vectors = new float[count][];
        var topic = new float[Dimensions];
        for (var i = 0; i < count; i++)
        {
            topic = i % TopicSize == 0 ? Unit(random) : topic;
            vectors[i] = Near(random, topic, .7);
        }
        return vectors;
    }

    /// <summary>A vector of length 1 whose cosine to another is about as asked.</summary>
    private static float[] Near(Random random, float[] to, double cosine)
    {
        var noise = Unit(random);
        var near = new float[Dimensions];
        for (var i = 0; i < near.Length; i++)
        {
            near[i] = (float)((cosine * to[i]) + (Math.Sqrt(1 - (cosine * cosine)) * noise[i]));
        }
        TensorPrimitives.Divide(near, TensorPrimitives.Norm<float>(near), near);
        return near;
    }

    private static float[] Unit(Random random)
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    private static Guid Id(int i) => new(i + 1, 0, 0, new byte[8]);

    private static double Percentile(List<double> times, double share) => times.Order().ElementAt((int)(share * (times.Count - 1)));
}
