using System.Globalization;
using System.Text;

namespace Parley.Platform.Telemetry;

/// <summary>Prometheus' text exposition format 0.0.4.</summary>
internal static class PrometheusText
{
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    internal static string Write(IEnumerable<Family> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            var series = family.Series.OrderBy(s => s.Labels, StringComparer.Ordinal).ToList();
            if (series.Count == 0)
            {
                continue;
            }
            var name = Name(family.Instrument.Name, family.Instrument.Unit) + (family.IsCounter ? "_total" : "");
            if (family.Instrument.Description is { Length: > 0 } description)
            {
                text.Append("# HELP ").Append(name).Append(' ').Append(description.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)).Append('\n');
            }
            text.Append("# TYPE ").Append(name).Append(family.IsHistogram ? " histogram" : family.IsCounter ? " counter" : " gauge").Append('\n');
            foreach (var one in series)
            {
                Write(text, name, family, one);
            }
        }
        return text.ToString();
    }

    /// <summary><c>parley.jobs.duration</c> in <c>s</c> becomes <c>parley_jobs_duration_seconds</c>.</summary>
    internal static string Name(string instrument, string? unit)
    {
        var name = string.Concat(instrument.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" or "%" => "_ratio",
            _ => "",
        };
        return suffix.Length == 0 || name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix;
    }

    /// <summary><c>a="1",b="x"</c>, sorted, so that equal sets of labels are one series.</summary>
    internal static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }
        var pairs = new string[tags.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            var value = Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "";
            pairs[i] = Name(tags[i].Key, null) + "=\""
                + value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal) + '"';
        }
        Array.Sort(pairs, StringComparer.Ordinal);
        return string.Join(',', pairs);
    }

    private static void Write(StringBuilder text, string name, Family family, Series series)
    {
        var (value, count, buckets) = series.Read();
        if (!family.IsHistogram)
        {
            Line(text, name, series.Labels, value);
            return;
        }
        long below = 0;
        var comma = series.Labels.Length > 0 ? "," : "";
        for (var i = 0; i < buckets.Length; i++)
        {
            below += buckets[i];
            var bound = i < family.Bounds.Length ? family.Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Line(text, name + "_bucket", $"{series.Labels}{comma}le=\"{bound}\"", below);
        }
        Line(text, name + "_sum", series.Labels, value);
        Line(text, name + "_count", series.Labels, count);
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }
        text.Append(' ').Append(double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf").Append('\n');
    }
}
