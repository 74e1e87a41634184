using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Inference.Budget;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Inference.Accounts;

/// <summary>What to ask, and what of the account is not saved yet. Of an account of the instance nothing but the model can be chosen.</summary>
/// <param name="Feature">One of <see cref="ModelFeature"/>.</param>
/// <param name="Model">As its provider names it; it need not be in the catalogue.</param>
/// <param name="Provider">Of an account that is not saved.</param>
/// <param name="BaseUrl">Instead of the saved address; null: as saved; empty: the provider's own.</param>
/// <param name="ApiKey">Instead of the saved key; null: as saved.</param>
internal sealed record TestModelRequest(string? Feature, string? Model, string? Provider, string? BaseUrl, string? ApiKey);

/// <summary>How the smallest real call went.</summary>
internal sealed record ModelTestResult
{
    public required bool Ok { get; init; }

    /// <summary>ok, a fault, or budget.</summary>
    public required string Result { get; init; }

    /// <summary>What happened and what to do about it.</summary>
    public required string Message { get; init; }

    public required string Model { get; init; }

    public required string Feature { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>From the call to its end; null: none was made.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>What the provider billed; null: it did not say.</summary>
    public ModelUsage? Usage { get; init; }

    /// <summary>What was booked, in dollars.</summary>
    public decimal Cost { get; init; }

    /// <summary>False: the provider did not say what it billed, or the model has no price; the whole reserve was booked.</summary>
    public bool CostKnown { get; init; } = true;

    /// <summary>Numbers of a vector.</summary>
    public int? Dimensions { get; init; }

    /// <summary>The provider's status and its name for the call, for its support.</summary>
    public int? Status { get; init; }

    public string? RequestId { get; init; }
}

/// <summary>Makes the smallest real call with an account, saved or not, on the tenant's budget, and says precisely what is wrong.</summary>
internal sealed class ConnectionTest(
    TenantDb db, ConfigurationStore configuration, ModelAccounts accounts, InstanceAccounts instance, AccountChecks checks, ModelCatalogue catalogue, ConnectionProbe probe, Budgets budgets,
    AuditLog audit, TimeProvider time)
{
    /// <summary>Of the usage's row.</summary>
    internal const string Feature = "test";

    private const string PriceOfOperator = "Of an account of the instance only prices of the catalogue count: let the operator add the model there.";

    private static readonly TimeSpan Lease = ConnectionProbe.Timeouts.Whole + TimeSpan.FromMinutes(1);

    private const string KeepSql = """
        update model_accounts set tested_at = @at, test_result = @result, test_model = @model, test_message = @message where tenant_id = @tenantId and id = @id and version = @version
        """;

    internal static void Map(RouteGroupBuilder models)
    {
        models.MapPost("/accounts/{id}/test", async (Guid id, TestModelRequest request, Caller caller, ConnectionTest handler, CancellationToken ct) => (await handler.SavedAsync(caller, id, request, ct)).ToHttp())
            .WithName("TestModelAccount").RequirePermission(Permission.ModelsWrite);
        models.MapPost("/test", async (TestModelRequest request, Caller caller, ConnectionTest handler, CancellationToken ct) => (await handler.UnsavedAsync(caller, request, ct)).ToHttp())
            .WithName("TestModel").RequirePermission(Permission.ModelsWrite);
    }

    private async Task<Result<ModelTestResult>> SavedAsync(Caller caller, Guid id, TestModelRequest request, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        var (found, own) = await db.InTransactionAsync(caller.TenantId, async session =>
            (await AccountsApi.RowAsync(session, id) is { } known ? await accounts.OpenAsync(session, known) : null, await OwnAsync(session)), ct);
        if (found is not var (row, saved))
        {
            return shared.Rows.Any(each => each.Id == id) ? await SharedAsync(caller, shared.Open(id), request, own, ct) : AccountsApi.NotFound;
        }
        var entered = request with { Provider = request.Provider ?? row.Provider, BaseUrl = request.BaseUrl ?? row.BaseUrl };
        if (Problem(entered, await checks.AccessProblemsAsync(entered.Provider, entered.BaseUrl, entered.ApiKey, row, ct)) is { } problem)
        {
            return problem;
        }
        var account = saved with { BaseUrl = AddressOf(entered.BaseUrl), Key = entered.ApiKey ?? saved.Key };
        var result = await RunAsync(caller, account, entered, own, ct);
        if (account == saved)
        {
            // What was tested is what is saved: it is worth remembering.
            await db.InTransactionAsync(caller.TenantId, session => session.ExecuteAsync(KeepSql,
                new { tenantId = session.TenantId, id, row.Version, at = result.At, result = result.Result, model = result.Model, message = result.Message }), CancellationToken.None);
        }
        return result;
    }

    private async Task<Result<ModelTestResult>> SharedAsync(Caller caller, ModelAccount? account, TestModelRequest request, IReadOnlyList<ModelInfo> own, CancellationToken ct)
    {
        if (request is not { Provider: null or "", BaseUrl: null or "", ApiKey: null or "" })
        {
            return Error.Forbidden("This account belongs to the instance: only its operator changes its address and its key.");
        }
        return account is null ? Error.Conflict("model_account.disabled", "The operator of the instance has switched this account off, or its key cannot be opened.")
            : Problem(request, new Dictionary<string, string>()) is { } problem ? problem : await RunAsync(caller, account, request, own, ct);
    }

    private async Task<Result<ModelTestResult>> UnsavedAsync(Caller caller, TestModelRequest request, CancellationToken ct)
    {
        if (Problem(request, await checks.AccessProblemsAsync(request.Provider, request.BaseUrl, request.ApiKey ?? "", null, ct)) is { } problem)
        {
            return problem;
        }
        var account = new ModelAccount { Id = Guid.CreateVersion7(time.GetUtcNow()), Provider = request.Provider!, BaseUrl = AddressOf(request.BaseUrl), Key = request.ApiKey ?? "" };
        return await RunAsync(caller, account, request, await db.InTransactionAsync(caller.TenantId, OwnAsync, ct), ct);
    }

    private static Error? Problem(TestModelRequest request, IReadOnlyDictionary<string, string> access)
    {
        var problems = access.ToDictionary(problem => problem.Key, problem => new[] { problem.Value });
        if (request.Feature is null || !ModelFeature.All.Contains(request.Feature))
        {
            problems["feature"] = [$"feature is none of {string.Join(", ", ModelFeature.All)}."];
        }
        if (!ModelInfoRules.IsLine(request.Model))
        {
            problems["model"] = ["Name a model as its provider does."];
        }
        return problems.Count == 0 ? null : Error.Invalid(problems);
    }

    private async Task<ModelTestResult> RunAsync(Caller caller, ModelAccount account, TestModelRequest request, IReadOnlyList<ModelInfo> own, CancellationToken ct)
    {
        var (feature, model) = (request.Feature!, request.Model!);
        var info = ModelSettingsRules.Find(new ModelSettings { Models = own }, catalogue, account.Provider, model, account.OfInstance)
            ?? new ModelInfo { Provider = account.Provider, Model = model, Kind = ModelFeature.KindOf(feature) };
        var result = new ModelTestResult { Ok = false, Result = "invalid", Message = "", Model = model, Feature = feature, At = time.GetUtcNow() };
        if (info.Kind != ModelFeature.KindOf(feature))
        {
            return result with { Message = $"{model} is of another kind ({info.Kind.ToString().ToLowerInvariant()}) by the catalogue and cannot serve {feature}. Nothing was asked. Choose another model." };
        }
        var who = new Spender { TenantId = caller.TenantId, Feature = Feature, Service = info.Kind switch { ModelKind.Embedding => "embedding", ModelKind.Rerank => "rerank", _ => "llm" } };
        var reserved = await budgets.ReserveAsync(who, [new Offer(ModelTier.Small, account.Provider, model, ConnectionProbe.WorstCost(info))], extractive: false, Lease, ct);
        if (reserved.Reservation is not { } held)
        {
            return result with { Result = "budget", Message = reserved.Step.Reason == Ladder.NoPrice
                ? $"The budget must not be passed, and this model has no price. Nothing was asked. {(account.OfInstance ? PriceOfOperator : "Enter its price first; a server of your own costs 0.")}"
                : $"The budget allows no call now ({reserved.Step.Reason}). Nothing was asked. Raise the budget, or wait for its next period." };
        }
        return await CallAsync(caller, new ModelSeat(ModelTier.Small, account, info), held, result, ct);
    }

    private async Task<ModelTestResult> CallAsync(Caller caller, ModelSeat seat, Reservation held, ModelTestResult result, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        ModelUsage? usage = null;
        var billed = true;
        try
        {
            var probed = await probe.RunAsync(seat.Account, seat.Info, seen => usage = seen, ct);
            usage = probed.Usage;
            result = result with
            {
                Ok = true, Result = "ok", Dimensions = probed.Dimensions,
                Message = string.Join(" ", new[] { probed.Note ?? "It answers.", seat.Info.Prices is not null ? null : seat.Account.OfInstance ? $"No price is known of this model. {PriceOfOperator}" : "No price is known of this model: enter it, so that a budget can count it." }.OfType<string>()),
            };
        }
        catch (ModelException e)
        {
            billed = e.MayBeBilled;
            result = result with { Result = FaultAdvice.Code(e.Fault) };
            // Where the operator's server is and what it calls a request is not the tenants' to know.
            result = seat.Account.OfInstance ? result with { Message = FaultAdvice.OfInstance(e.Fault) } : result with { Message = FaultAdvice.Explain(e), Status = e.Status, RequestId = e.RequestId };
        }
        finally
        {
            // Also where the caller has gone: what was asked may be billed.
            var took = time.GetElapsedTime(started);
            var bill = Bill.Of(seat, [seat], usage) with { Latency = took };
            await (billed ? budgets.SettleAsync(held, bill, CancellationToken.None) : budgets.ReleaseAsync(held, CancellationToken.None));
            result = result with { LatencyMs = Math.Round(took.TotalMilliseconds, 1), Usage = usage, Cost = billed ? bill.Cost is { } cost ? WorstCase.Round(cost) : held.Amount : 0, CostKnown = !billed || bill.Cost is not null };
        }
        await db.InTransactionAsync(caller.TenantId, session => audit.WriteAsync(session, caller, "model_account.tested", "model_account", seat.Account.Id.ToString(),
            new { seat.Account.Provider, seat.Info.Model, result.Result, result.Cost }), CancellationToken.None);
        return result;
    }

    private async Task<IReadOnlyList<ModelInfo>> OwnAsync(TenantSession session) =>
        (await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId))?.Body.Models ?? [];

    private static Uri? AddressOf(string? baseUrl) => AccountChecks.Address(baseUrl) is { } address ? new Uri(address) : null;
}
