using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Identity;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;
using Parley.Platform.Errors;
using Parley.Platform.Http;
using Parley.Platform.Secrets;

namespace Parley.Inference.Accounts;

/// <summary>An account as lists show it: never the key.</summary>
internal sealed record ModelAccountItem
{
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string Provider { get; init; } = "";

    /// <summary>The operator of the instance shares it with all tenants. Of such an account a tenant sees nothing but its name and its provider.</summary>
    public bool OfInstance { get; init; }

    /// <summary>Null: the provider's own address.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>How the key ends; null: it has none.</summary>
    public string? KeyHint { get; init; }

    public int? RequestsPerMinute { get; init; }

    public int? TokensPerMinute { get; init; }

    public int? Concurrency { get; init; }

    public bool Enabled { get; init; }

    /// <summary>Moves with every change.</summary>
    public int Version { get; init; }

    /// <summary>When its connection was tested last.</summary>
    public DateTimeOffset? TestedAt { get; init; }

    /// <summary>ok, or what went wrong.</summary>
    public string? TestResult { get; init; }

    /// <summary>Which model was tested.</summary>
    public string? TestModel { get; init; }

    /// <summary>The result in words.</summary>
    public string? TestMessage { get; init; }

    /// <summary>What it serves by the settings in force.</summary>
    public IReadOnlyList<string> Serves { get; init; } = [];
}

/// <summary>The tenant's accounts of model providers, and those of the instance.</summary>
internal sealed class AccountsApi(TenantDb db, SecretStore secrets, ConfigurationStore configuration, InstanceAccounts instance, AccountChecks checks, AuditLog audit, TimeProvider time)
{
    private const int MaxAccounts = 50;

    internal const string ListSql = $"""
        select {AccountRow.Columns}, tested_at as testedat, test_result as testresult, test_model as testmodel, test_message as testmessage
          from model_accounts where tenant_id = @tenantId and (@id::uuid is null or id = @id) order by name
        """;

    private const string CountSql = "select count(*)::int from model_accounts where tenant_id = @tenantId";

    private const string AddSql = """
        insert into model_accounts (tenant_id, id, name, provider, base_url, key_hint, requests_per_minute, tokens_per_minute, concurrency, enabled, created_at, updated_at)
        values (@tenantId, @id, @name, @provider, @baseUrl, @hint, @requestsPerMinute, @tokensPerMinute, @concurrency, @enabled, @now, @now) on conflict do nothing returning true
        """;

    /// <summary>What the last test said of an address or a key is no longer said of another.</summary>
    private const string ChangeSql = """
        update model_accounts set name = @name, base_url = @baseUrl, key_hint = case when @newKey then @hint else key_hint end,
               requests_per_minute = @requestsPerMinute, tokens_per_minute = @tokensPerMinute, concurrency = @concurrency, enabled = @enabled, version = version + 1, updated_at = @now,
               tested_at = case when @newAccess then null else tested_at end, test_result = case when @newAccess then null else test_result end,
               test_model = case when @newAccess then null else test_model end, test_message = case when @newAccess then null else test_message end
         where tenant_id = @tenantId and id = @id and version = @version
           and not exists (select 1 from model_accounts o where o.tenant_id = @tenantId and o.name = @name and o.id <> @id)
        returning true
        """;

    private const string RemoveSql = "delete from model_accounts where tenant_id = @tenantId and id = @id";

    internal static Error NotFound { get; } = Error.NotFound("account of a model provider");

    internal static void Map(RouteGroupBuilder models)
    {
        models.MapGet("/accounts", async (Caller caller, AccountsApi handler, CancellationToken ct) => TypedResults.Ok(new Page<ModelAccountItem>(await handler.ListAsync(caller, ct), null)))
            .WithName("ListModelAccounts").RequirePermission(Permission.ModelsRead);
        models.MapGet("/accounts/{id}", async (Guid id, Caller caller, AccountsApi handler, CancellationToken ct) => (await handler.GetAsync(caller, id, ct)).ToHttp())
            .WithName("GetModelAccount").RequirePermission(Permission.ModelsRead);
        models.MapPost("/accounts", async (SaveModelAccountRequest request, Caller caller, AccountsApi handler, CancellationToken ct) =>
                (await handler.AddAsync(caller, request, ct)).ToCreated(account => $"/v1/models/accounts/{account.Id}"))
            .WithName("AddModelAccount").RequirePermission(Permission.ModelsWrite);
        models.MapPut("/accounts/{id}", async (Guid id, SaveModelAccountRequest request, Caller caller, AccountsApi handler, CancellationToken ct) => (await handler.ChangeAsync(caller, id, request, ct)).ToHttp())
            .WithName("ChangeModelAccount").RequirePermission(Permission.ModelsWrite);
        models.MapDelete("/accounts/{id}", async (Guid id, bool? removeChoices, Caller caller, AccountsApi handler, CancellationToken ct) =>
                (await handler.RemoveAsync(caller, id, removeChoices ?? false, ct)).ToNoContent())
            .WithName("DeleteModelAccount").RequirePermission(Permission.ModelsWrite);
    }

    /// <summary>Without keys: what settings may name.</summary>
    internal static async Task<IReadOnlyList<AccountFacts>> FactsAsync(TenantSession session, InstanceAccounts.Snapshot shared) =>
        [.. (await session.QueryAsync<AccountRow>(ListSql, new { tenantId = session.TenantId, id = (Guid?)null })).Select(row => row.Facts), .. shared.Rows.Select(row => row.Facts with { OfInstance = true })];

    internal static Task<AccountRow?> RowAsync(TenantSession session, Guid id) => session.QuerySingleOrDefaultAsync<AccountRow>(ListSql, new { tenantId = session.TenantId, id });

    private async Task<IReadOnlyList<ModelAccountItem>> ListAsync(Caller caller, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync(caller.TenantId, async session =>
        {
            var choices = await ChoicesAsync(session);
            var own = await session.QueryAsync<AccountRow>(ListSql, new { tenantId = session.TenantId, id = (Guid?)null });
            return (IReadOnlyList<ModelAccountItem>)[.. own.Select(row => Item(row, choices)), .. shared.Rows.Select(row => Shared(row, choices))];
        }, ct);
    }

    private async Task<Result<ModelAccountItem>> GetAsync(Caller caller, Guid id, CancellationToken ct)
    {
        var shared = await instance.CurrentAsync(ct);
        return await db.InTransactionAsync<Result<ModelAccountItem>>(caller.TenantId, async session =>
            await RowAsync(session, id) is { } own ? Item(own, await ChoicesAsync(session))
            : shared.Rows.FirstOrDefault(row => row.Id == id) is { } row ? Shared(row, await ChoicesAsync(session))
            : NotFound, ct);
    }

    private async Task<Result<ModelAccountItem>> AddAsync(Caller caller, SaveModelAccountRequest request, CancellationToken ct)
    {
        if (await checks.ProblemAsync(request, null, ct) is { } problem)
        {
            return problem;
        }
        var (id, key) = (Guid.CreateVersion7(time.GetUtcNow()), request.ApiKey ?? "");
        return await db.InTransactionAsync<Result<ModelAccountItem>>(caller.TenantId, async session =>
        {
            if (await session.QuerySingleAsync<int>(CountSql, new { tenantId = session.TenantId }) >= MaxAccounts)
            {
                return Error.Conflict("model_account.too_many", $"There are {MaxAccounts} accounts already. Delete one that is not needed.");
            }
            if (await session.QuerySingleOrDefaultAsync<bool?>(AddSql, Row(session, id, request)) is null)
            {
                return NameTaken();
            }
            if (key.Length > 0)
            {
                await secrets.PutAsync(session, ModelAccounts.SecretName(id), key);
            }
            await audit.WriteAsync(session, caller, "model_account.created", "model_account", id.ToString(), new { name = request.Name!.Trim(), request.Provider, baseUrl = AccountChecks.Address(request.BaseUrl) });
            return Item((await RowAsync(session, id))!, []);
        }, ct);
    }

    private async Task<Result<ModelAccountItem>> ChangeAsync(Caller caller, Guid id, SaveModelAccountRequest request, CancellationToken ct)
    {
        var before = await db.InTransactionAsync(caller.TenantId, session => RowAsync(session, id), ct);
        if (before is null)
        {
            return await OfInstanceAsync(id, ct);
        }
        if (request.Version is { } changed && changed != before.Version)
        {
            return Changed();
        }
        // Outside of a transaction: it may look up a name.
        if (await checks.ProblemAsync(request, before, ct) is { } problem)
        {
            return problem;
        }
        // What was checked is what is changed: an address that somebody else entered meanwhile must not get this key, nor the other way round.
        var checkedRequest = request with { Version = before.Version };
        return await db.InTransactionAsync<Result<ModelAccountItem>>(caller.TenantId, async session =>
        {
            if (await session.QuerySingleOrDefaultAsync<bool?>(ChangeSql, Row(session, id, checkedRequest, before)) is null)
            {
                return await RowAsync(session, id) is not { } now ? NotFound
                    : now.Version != before.Version ? Changed() : NameTaken();
            }
            if (request.ApiKey is { } key)
            {
                await (key.Length > 0 ? secrets.PutAsync(session, ModelAccounts.SecretName(id), key) : SecretStore.RemoveAsync(session, ModelAccounts.SecretName(id)));
            }
            await audit.WriteAsync(session, caller, "model_account.changed", "model_account", id.ToString(),
                new { name = request.Name!.Trim(), baseUrl = AccountChecks.Address(request.BaseUrl), enabled = request.Enabled ?? true, newKey = request.ApiKey is not null });
            return Item((await RowAsync(session, id))!, await ChoicesAsync(session));
        }, ct);
    }

    private async Task<Result<bool>> RemoveAsync(Caller caller, Guid id, bool removeChoices, CancellationToken ct)
    {
        if (await OfInstanceAsync(id, ct) is { Status: 403 } refused)
        {
            return refused;
        }
        return await db.InTransactionAsync<Result<bool>>(caller.TenantId, async session =>
        {
            // Before anything is compared: what is in force then stays so until the end, and nobody chooses what goes.
            await ConfigurationStore.LockAsync(session, ModelSettings.Kind, session.TenantId);
            if (await RowAsync(session, id) is not { } row)
            {
                return NotFound;
            }
            var published = await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId);
            var serving = published?.Body.Choices.Where(choice => choice.AccountId == id).ToList() ?? [];
            if (serving.Count > 0 && !removeChoices)
            {
                return Error.Conflict("model_account.serves", $"'{row.Name}' serves {string.Join(", ", Serves(serving))}. Choose other models for that first, or delete the account together with these choices (removeChoices=true).");
            }
            if (serving.Count > 0)
            {
                var without = published!.Body with { Choices = [.. published.Body.Choices.Where(choice => choice.AccountId != id)] };
                await configuration.SaveAndPublishAsync(session, ModelSettings.Kind, session.TenantId, without, ModelSettingsApi.UserOf(caller), $"Without the account {row.Name}");
            }
            await session.ExecuteAsync(RemoveSql, new { tenantId = session.TenantId, id });
            await SecretStore.RemoveAsync(session, ModelAccounts.SecretName(id));
            await audit.WriteAsync(session, caller, "model_account.deleted", "model_account", id.ToString(), new { row.Name, row.Provider, choices = serving.Count });
            return true;
        }, ct);
    }

    /// <summary>Why a tenant cannot change what is not its own.</summary>
    private async Task<Error> OfInstanceAsync(Guid id, CancellationToken ct) => (await instance.CurrentAsync(ct)).Rows.Any(row => row.Id == id)
        ? Error.Forbidden("This account belongs to the instance: its operator changes it with parley models accounts --instance.") : NotFound;

    private object Row(TenantSession session, Guid id, SaveModelAccountRequest request, AccountRow? before = null) => new
    {
        tenantId = session.TenantId, id, name = request.Name!.Trim(), request.Provider, baseUrl = AccountChecks.Address(request.BaseUrl), hint = AccountChecks.Hint(request.ApiKey ?? ""),
        newKey = request.ApiKey is not null, newAccess = request.ApiKey is not null || AccountChecks.Address(request.BaseUrl) != before?.BaseUrl,
        request.RequestsPerMinute, request.TokensPerMinute, request.Concurrency, enabled = request.Enabled ?? true, request.Version, now = time.GetUtcNow(),
    };

    private async Task<IReadOnlyList<ModelChoice>> ChoicesAsync(TenantSession session) =>
        (await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId))?.Body.Choices ?? [];

    private static Error Changed() => Error.Conflict("model_account.changed", "Somebody else has changed this account. Look at it again and repeat your change.");

    private static Error NameTaken() => new("model_account.exists", "There is an account of this name already. Choose another.", 409)
    {
        Fields = new Dictionary<string, string[]> { ["name"] = ["There is an account of this name already. Choose another."] },
    };

    private static IEnumerable<string> Serves(IEnumerable<ModelChoice> choices) => choices
        .Select(choice => choice.Feature == ModelFeature.Answer ? $"{choice.Feature} {JsonName(choice.Tier)} ({choice.Model})" : $"{choice.Feature} ({choice.Model})").Distinct();

    private static string JsonName(ModelTier tier) => tier switch { ModelTier.Small => "small", ModelTier.Medium => "medium", _ => "large" };

    private static ModelAccountItem Item(AccountRow row, IReadOnlyList<ModelChoice> choices) => Shared(row, choices) with
    {
        OfInstance = false, BaseUrl = row.BaseUrl, KeyHint = row.KeyHint, RequestsPerMinute = row.RequestsPerMinute, TokensPerMinute = row.TokensPerMinute, Concurrency = row.Concurrency,
        TestedAt = row.TestedAt, TestResult = row.TestResult, TestModel = row.TestModel, TestMessage = row.TestMessage,
    };

    private static ModelAccountItem Shared(AccountRow row, IReadOnlyList<ModelChoice> choices) => new()
    {
        Id = row.Id, Name = row.Name, Provider = row.Provider, OfInstance = true, Enabled = row.Enabled, Version = row.Version,
        Serves = [.. Serves(choices.Where(choice => choice.AccountId == row.Id))],
    };
}
