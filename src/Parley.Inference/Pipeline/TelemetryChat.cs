using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Platform.Telemetry;

namespace Parley.Inference.Pipeline;

/// <summary>The span and the figures of a call.</summary>
internal sealed class TelemetryChat(IChatClient inner, TimeProvider time) : CallLayer(inner)
{
    private static readonly Histogram<double> Duration = ParleyTelemetry.Meter.CreateHistogram<double>("parley.models.duration", "s", "Duration of calls to models by provider, tier and outcome.");
    private static readonly Counter<long> Tokens = ParleyTelemetry.Meter.CreateCounter<long>("parley.models.tokens", "{token}", "Tokens by provider and kind.");
    private static readonly Counter<double> Dollars = ParleyTelemetry.Meter.CreateCounter<double>("parley.models.cost", "USD", "Known cost of calls to models.");

    protected override async IAsyncEnumerable<ChatResponseUpdate> RunAsync(ModelCall call, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        using var span = ParleyTelemetry.Source.StartActivity("model.chat", ActivityKind.Client);
        var start = time.GetTimestamp();
        await using var updates = InnerAsync(messages, options, ct).GetAsyncEnumerator(ct);
        try
        {
            while (await updates.MoveNextAsync())
            {
                yield return updates.Current;
            }
        }
        finally
        {
            // Ends the layers below first: how the call ended and what it cost is known after that.
            await updates.DisposeAsync();
            Report(call, span, call.Outcome, time.GetElapsedTime(start));
        }
    }

    private static void Report(ModelCall call, Activity? span, string outcome, TimeSpan took)
    {
        var provider = call.Seat?.Account.Provider ?? "none";
        span?.SetTag("provider", provider).SetTag("model", call.Seat?.Info.Model).SetTag("tier", call.Tier.ToString()).SetTag("outcome", outcome);
        Duration.Record(took.TotalSeconds, new("provider", provider), new("tier", call.Tier.ToString()), new("outcome", outcome));
        if (call.Usage is { } usage)
        {
            foreach (var (kind, count) in new[] { ("input", usage.InputTokens), ("cached", usage.CachedReadTokens), ("cache_write", usage.CacheWriteTokens), ("output", usage.OutputTokens) })
            {
                Tokens.Add(count, new("provider", provider), new("kind", kind));
            }
        }
        if (call.Cost is { } cost)
        {
            Dollars.Add((double)cost, new KeyValuePair<string, object?>("provider", provider));
        }
    }
}
