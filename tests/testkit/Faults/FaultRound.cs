using System.Globalization;

namespace Parley.Testkit.Faults;

/// <summary>A round that held.</summary>
/// <param name="What">What happened, in one line.</param>
/// <param name="Figures">What was counted or measured.</param>
public sealed record FaultRound(string What, IReadOnlyDictionary<string, double> Figures)
{
    public static FaultRound Of(FormattableString what, params (string Name, double Value)[] figures) =>
        new(what.ToString(CultureInfo.InvariantCulture), figures.ToDictionary(f => f.Name, f => Math.Round(f.Value, 2)));

    public override string ToString() => What;
}
