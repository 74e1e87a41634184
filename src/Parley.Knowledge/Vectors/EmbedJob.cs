using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;
using Parley.Platform.Jobs;

namespace Parley.Knowledge.Vectors;

/// <summary>
/// Makes the vectors that are missing, batch by batch, and looks before each what is chosen now. It waits for no import and no import waits for it. Whatever ends it,
/// the next run goes on with what is still missing: at most one batch is paid twice.
/// </summary>
internal sealed class EmbedJob(ModelGateway models, EmbeddingSets sets, TimeProvider time, ILogger<EmbedJob> log) : IJobHandler
{
    /// <summary>Kills are no failures; what providers do is answered by waiting.</summary>
    internal static readonly JobKind JobKind = new("knowledge.vectors", MaxAttempts: 1000);

    private const int BatchPassages = 96;
    private const int BatchTokens = 40_000;

    /// <summary>Useless answers in a row, which may have been billed, after which nobody is asked again before somebody says so.</summary>
    private const int MostUseless = 5;

    /// <summary>What every model takes: shows whether a passage is refused, or everything.</summary>
    private const string Harmless = "hello";

    private static readonly TimeSpan CallTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan BudgetWait = TimeSpan.FromMinutes(15);

    public async Task HandleAsync(JobContext job, CancellationToken ct)
    {
        var (tenantId, after, take, begun) = (job.TenantId, Guid.Empty, BatchPassages, Guid.Empty);
        if (await sets.StoppedAsync(tenantId, ct))
        {
            // An import must not pay for what is known to fail.
            return;
        }
        while (true)
        {
            var setup = await models.SetupAsync(tenantId, ct);
            var seats = Seats(setup);
            if (seats.Count == 0 && setup.Settings.Choices.Any(choice => choice.Feature == ModelFeature.Embed))
            {
                // Switched off for a while, perhaps: what was paid for stays.
                await sets.HaltAsync(tenantId, "no_account", setup.Version, failures => Backoff(failures), ct);
                return;
            }
            if (await sets.ReconcileAsync(tenantId, seats is [var seat, ..] ? seat : null, ct) is not { } set)
            {
                return;
            }
            if (begun != set.Id)
            {
                (begun, after) = (set.Id, Guid.Empty);
            }
            var passages = Batch(await sets.NextAsync(tenantId, set.Id, after, Math.Min(take, seats.Min(each => each.Info.Capabilities.MaxInputs)), ct));
            if (passages.Count == 0 && after != Guid.Empty)
            {
                // What was imported meanwhile, also where its ids are smaller.
                after = Guid.Empty;
                continue;
            }
            if (passages.Count == 0)
            {
                if (await sets.CompleteAsync(tenantId, set, ct))
                {
                    log.VectorsComplete(tenantId, set.Dimensions);
                    return;
                }
                await sets.HaltAsync(tenantId, "no_vectors", setup.Version, failures => Backoff(failures), ct);
                log.VectorsHalted(tenantId, "no_vectors");
                return;
            }
            if (await EmbedAsync(tenantId, setup.Version, set, seats, passages, ct) is not { } stored)
            {
                return;
            }
            (after, take) = stored ? (passages[^1].Id, Math.Min(BatchPassages, take * 2)) : (after, Math.Max(1, passages.Count / 2));
        }
    }

    /// <summary>Accounts of the first choice's model: vectors of others do not fit it.</summary>
    internal static IReadOnlyList<ModelSeat> Seats(ModelSetup setup)
    {
        var seats = setup.For(ModelFeature.Embed).Where(seat => seat.Info.Capabilities.Dimensions > 0).ToList();
        return [.. seats.Where(seat => seat.SameModel(seats[0]))];
    }

    /// <summary>True: stored. False: to be tried with fewer passages. Null: not now.</summary>
    private async Task<bool?> EmbedAsync(Guid tenantId, int version, EmbeddingSet set, IReadOnlyList<ModelSeat> seats, IReadOnlyList<PassageToEmbed> passages, CancellationToken ct)
    {
        try
        {
            var (vectors, refused) = await AskAsync(tenantId, seats, [.. passages.Select(passage => passage.Embedded)], ct);
            if (refused is not null && passages.Count > 1)
            {
                return false;
            }
            // A wrong parameter or a moved address looks like a refusal of each passage.
            if (refused is not null && (await AskAsync(tenantId, seats, [Harmless], ct)).Refused is { } everything)
            {
                await HaltAsync(tenantId, version, everything, ct);
                return null;
            }
            if (refused is not null)
            {
                // It is found by its words.
                log.PassageRefused(passages[0].Id, refused.Fault);
            }
            await sets.StoreAsync(tenantId, set.Id, passages, [.. passages.Select((_, i) => refused is null ? QuantizedVector.Of(vectors[i].Span).ToBytes() : null)], ct);
            return true;
        }
        catch (BudgetRefusedException e)
        {
            await sets.HaltAsync(tenantId, "budget_" + e.Reason, version, _ => BudgetWait, ct);
            log.VectorsHalted(tenantId, e.Reason);
            return null;
        }
        catch (ModelException e)
        {
            await HaltAsync(tenantId, version, e, ct);
            return null;
        }
    }

    private async Task<(IReadOnlyList<ReadOnlyMemory<float>> Vectors, ModelException? Refused)> AskAsync(Guid tenantId, IReadOnlyList<ModelSeat> seats, IReadOnlyList<string> texts, CancellationToken ct)
    {
        var call = new ModelCall
        {
            Who = new Spender { TenantId = tenantId, Feature = ModelFeature.Embed, Service = "embedding" }, Seats = seats, Wanted = ModelTier.Small, Extractive = true, Deadline = time.GetUtcNow() + CallTime,
        };
        try
        {
            return (await models.EmbedAsync(call, texts, EmbeddingUse.Document, ct), null);
        }
        catch (ModelException e) when (e.Fault is ModelFault.Invalid or ModelFault.Refused or ModelFault.TooLarge)
        {
            return ([], e);
        }
    }

    private async Task HaltAsync(Guid tenantId, int version, ModelException e, CancellationToken ct)
    {
        await sets.HaltAsync(tenantId, ReasonOf(e.Fault), version, failures => Stops(e.Fault, failures) ? null : e.RetryAfter is { } wait && wait > Backoff(failures) ? wait : Backoff(failures), ct);
        log.VectorsHalted(tenantId, ReasonOf(e.Fault));
    }

    /// <summary>Another try would be paid for the same again. What is refused unpaid goes on being tried: a mended account says nothing. Pure.</summary>
    internal static bool Stops(ModelFault fault, int failures) =>
        fault == ModelFault.WrongDimension
        || (failures + 1 >= MostUseless && fault is ModelFault.NotANumber or ModelFault.TooFewVectors or ModelFault.Malformed or ModelFault.Empty);

    internal static string ReasonOf(ModelFault fault) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());

    internal static TimeSpan Backoff(int failures)
    {
        var wait = TimeSpan.FromMinutes(Math.Pow(2, Math.Min(failures, 10)));
        return wait < LongestWait ? wait : LongestWait;
    }

    private static IReadOnlyList<PassageToEmbed> Batch(IReadOnlyList<PassageToEmbed> passages)
    {
        var tokens = 0;
        return [.. passages.TakeWhile((passage, i) => (tokens += passage.Tokens) <= BatchTokens || i == 0)];
    }
}
