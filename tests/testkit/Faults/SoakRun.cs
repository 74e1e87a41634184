using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Parley.Testkit.Faults;

/// <summary>A round that has ended.</summary>
public sealed record SoakRound
{
    public int Number { get; init; }

    public int Seed { get; init; }

    public bool Held { get; init; }

    /// <summary>What happened; why it failed, where it did.</summary>
    public string What { get; init; } = "";

    public double Seconds { get; init; }

    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
}

/// <summary>The state of a soak, as its file keeps it.</summary>
public sealed record SoakState
{
    public string Name { get; init; } = "";

    /// <summary>Seeds of the rounds follow from it: the same seed draws the same moments.</summary>
    public int Seed { get; init; }

    public int Wanted { get; init; }

    public IReadOnlyList<SoakRound> Rounds { get; init; } = [];

    public int Failed => Rounds.Count(r => !r.Held);
}

/// <summary>
/// Rounds of a soak, bounded by their number and by time. Each round that ends is written down at once, so that a run that was stopped,
/// however it was, goes on after the last one.
/// </summary>
public sealed class SoakRun
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly string _file;

    private SoakRun(string file, SoakState state) => (_file, State) = (file, state);

    public SoakState State { get; private set; }

    public bool IsComplete => State.Rounds.Count >= State.Wanted;

    /// <summary>Goes on with what the file says; anew where there is none, or where <paramref name="restart"/> is asked for.</summary>
    /// <param name="file">JSON of <see cref="SoakState"/>.</param>
    /// <param name="name">The soak's name.</param>
    /// <param name="rounds">How many there are to be in all.</param>
    /// <param name="seed">Of a new run.</param>
    /// <param name="restart">Forget what was done.</param>
    public static SoakRun Open(string file, string name, int rounds, int seed, bool restart)
    {
        var state = !restart && File.Exists(file) ? JsonSerializer.Deserialize<SoakState>(File.ReadAllText(file), Json) : null;
        return new SoakRun(file, (state ?? new SoakState { Name = name, Seed = seed }) with { Wanted = rounds });
    }

    /// <summary>Runs what is left until the rounds are done, time is over or <paramref name="stop"/> asks for it; a round that began is ended.</summary>
    public async Task RunAsync(Func<int, Random, Task<FaultRound>> round, TimeSpan time, IProgress<string> progress, CancellationToken stop)
    {
        for (var clock = Stopwatch.StartNew(); !IsComplete && clock.Elapsed < time && !stop.IsCancellationRequested;)
        {
            var number = State.Rounds.Count + 1;
            var ended = await RunAsync(number, SeedOf(State.Seed, number), round);
            State = State with { Rounds = [.. State.Rounds, ended] };
            Write();
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"round {number} of {State.Wanted} ({ended.Seconds:0.0} s): {(ended.Held ? "" : "FAILED ")}{ended.What}"));
        }
    }

    /// <summary>One line: how many rounds held.</summary>
    public string Verdict() => State switch
    {
        { Failed: > 0 } => $"{State.Name}: FAILED, {State.Failed} of {State.Rounds.Count} rounds; see {_file}",
        _ when !IsComplete => $"{State.Name}: {State.Rounds.Count} of {State.Wanted} rounds held, the others are to come: run it again",
        _ => $"{State.Name}: {State.Rounds.Count} of {State.Wanted} rounds held",
    };

    /// <summary>Sum and largest value of each figure.</summary>
    public IReadOnlyDictionary<string, (double Sum, double Max)> Figures() =>
        State.Rounds.SelectMany(r => r.Figures).GroupBy(f => f.Key).ToDictionary(g => g.Key, g => (Math.Round(g.Sum(f => f.Value), 2), g.Max(f => f.Value)));

    /// <summary>SplitMix64: seeds that follow each other would draw moments that follow each other.</summary>
    private static int SeedOf(int seed, int number)
    {
        unchecked
        {
            var x = (((ulong)(uint)seed << 32) | (uint)number) + 0x9e3779b97f4a7c15;
            x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
            x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
            return (int)(x >> 33);
        }
    }

    private static async Task<SoakRound> RunAsync(int number, int seed, Func<int, Random, Task<FaultRound>> round)
    {
        var clock = Stopwatch.StartNew();
        var ended = new SoakRound { Number = number, Seed = seed };
        try
        {
            var held = await round(number, new Random(seed));
            return ended with { Held = true, What = held.What, Figures = held.Figures, Seconds = Math.Round(clock.Elapsed.TotalSeconds, 2) };
        }
        catch (Exception e)
        {
            // Whatever it is, this round did not hold; the others tell whether it always does.
            return ended with { What = e.ToString(), Seconds = Math.Round(clock.Elapsed.TotalSeconds, 2) };
        }
    }

    private void Write()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.WriteAllText(_file + ".new", JsonSerializer.Serialize(State, Json));
        File.Move(_file + ".new", _file, overwrite: true);
    }
}
