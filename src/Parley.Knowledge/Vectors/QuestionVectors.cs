using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Parley.Inference.Contracts;
using Parley.Platform.Data;
using Parley.Platform.Secrets;
using Parley.Platform.Telemetry;

namespace Parley.Knowledge.Vectors;

/// <summary>A question's vector, or why there is none.</summary>
internal sealed record QuestionVector(QuantizedVector? Vector, ModelUse Use);

/// <summary>
/// Vectors of questions: from the day's cache, which all nodes share, else from a provider. It never throws for what a provider does and never takes longer than
/// its patience: a vector that comes later is kept for the next who asks the same.
/// </summary>
internal sealed class QuestionVectors(TenantDb db, ModelGateway models, MasterKey key, TimeProvider time, ILogger<QuestionVectors> log) : IDisposable
{
    internal static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    internal const string FindSql = "select vector from question_vectors where tenant_id = @tenantId and hash = @hash and at > @since";

    internal const string KeepSql = """
        insert into question_vectors (tenant_id, hash, vector, at) values (@tenantId, @hash, @vector, @now)
        on conflict (tenant_id, hash) do update set vector = excluded.vector, at = excluded.at
        """;

    internal const string ExpireSql = "delete from question_vectors where tenant_id = @tenantId and at <= @before";

    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(10);

    private static readonly Counter<long> Asked = ParleyTelemetry.Meter.CreateCounter<long>(
        "parley.knowledge.question_vectors", "{question}", "Vectors of questions by outcome: cached, used, or why there was none. The share of cached is the cache's hit rate.");

    // The database sees neither the question nor a hash that could be made of a guess.
    private readonly byte[] _hashKey = key.Derive("question-vectors");

    private readonly CancellationTokenSource _ending = new();

    internal async Task<QuestionVector> FindAsync(Spender who, EmbeddingSet set, string text, TimeSpan patience, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        QuestionVector found;
        try
        {
            // What was sent is paid whether it is waited for or not.
            found = await FindAsync(who, set, text).WaitAsync(patience, time, ct);
        }
        catch (TimeoutException)
        {
            found = None("timeout", set);
        }
        Asked.Add(1, new KeyValuePair<string, object?>("outcome", found.Use.Outcome));
        return found with { Use = found.Use with { Ms = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 2) } };
    }

    /// <summary>Ends what nobody waits for any more.</summary>
    public void Dispose() => _ending.Cancel();

    private async Task<QuestionVector> FindAsync(Spender who, EmbeddingSet set, string text)
    {
        ModelCall? call = null;
        try
        {
            var hash = HMACSHA256.HashData(_hashKey, Encoding.UTF8.GetBytes($"{set.Provider}\0{set.Model}\0{set.Dimensions}\0{text.Trim()}"));
            var tenantId = who.TenantId;
            var kept = await db.InTransactionAsync(tenantId, session => session.QuerySingleOrDefaultAsync<byte[]>(FindSql, new { tenantId, hash, since = time.GetUtcNow() - Kept }), _ending.Token);
            var seats = await SeatsAsync(tenantId, set);
            // Also for what is kept: without a choice nothing is looked up by meaning any more.
            return seats is null ? None("off", set)
                : kept is not null && QuantizedVector.Read(kept, set.Dimensions) is { } known ? new QuestionVector(known, new ModelUse("cached", set.Model))
                : seats.Count == 0 ? None("no_account", set)
                : await AskAsync(call = new ModelCall
                {
                    Who = who with { Feature = ModelFeature.Embed, Service = "embedding" }, Seats = seats, Wanted = ModelTier.Small, Extractive = true, Deadline = time.GetUtcNow() + CallTime,
                }, set, text, hash);
        }
        catch (BudgetRefusedException e)
        {
            return None("budget_" + e.Reason, set);
        }
        catch (ModelException e)
        {
            return None(EmbedJob.ReasonOf(e.Fault), set, call);
        }
        catch (Exception) when (_ending.IsCancellationRequested)
        {
            return None("error", set);
        }
        catch (Exception e)
        {
            log.QuestionVectorFailed(e);
            return None("error", set, call);
        }
    }

    private async Task<QuestionVector> AskAsync(ModelCall call, EmbeddingSet set, string text, byte[] hash)
    {
        var made = await models.EmbedAsync(call, [text], EmbeddingUse.Query, _ending.Token);
        var vector = QuantizedVector.Of(made[0].Span);
        var tenantId = call.Who.TenantId;
        await db.InTransactionAsync(tenantId, session => session.ExecuteAsync(KeepSql, new { tenantId, hash, vector = vector.ToBytes(), now = time.GetUtcNow() }), _ending.Token);
        return new QuestionVector(vector, new ModelUse("used", set.Model) { Cost = call.Booked });
    }

    /// <summary>Accounts that make vectors of this set; null: no model is chosen for it any more. While another model's set is made, the account that made this one.</summary>
    private async Task<IReadOnlyList<ModelSeat>?> SeatsAsync(Guid tenantId, EmbeddingSet set)
    {
        var setup = await models.SetupAsync(tenantId, _ending.Token);
        if (!setup.Settings.Choices.Any(choice => choice.Feature == ModelFeature.Embed))
        {
            return null;
        }
        IReadOnlyList<ModelSeat> seats = [.. setup.For(ModelFeature.Embed).Where(set.IsOf)];
        return seats.Count > 0 ? seats : await models.SeatAsync(tenantId, set.AccountId, set.ModelInfo, _ending.Token) is { } seat && set.IsOf(seat) ? [seat] : [];
    }

    private static QuestionVector None(string reason, EmbeddingSet set, ModelCall? call = null) => new(null, new ModelUse(reason, set.Model) { Cost = call?.Booked });
}
