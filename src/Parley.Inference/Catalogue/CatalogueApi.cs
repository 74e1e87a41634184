using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Inference.Accounts;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Platform.Authorization;
using Parley.Platform.Configuration;
using Parley.Platform.Data;

namespace Parley.Inference.Catalogue;

/// <summary>Who says what stands in an entry of the catalogue; the later one wins.</summary>
internal enum CatalogueOrigin
{
    /// <summary>It came with Parley.</summary>
    Shipped,

    /// <summary>The instance's operator put it into a file.</summary>
    Operator,

    /// <summary>The tenant entered it.</summary>
    Own,
}

/// <summary>A model that can be chosen.</summary>
/// <param name="Model">What it takes and costs.</param>
/// <param name="Origin">Who says so.</param>
/// <param name="Stale">Why its price may no longer be true; null: nothing speaks against it.</param>
internal sealed record CatalogueEntry(ModelInfo Model, CatalogueOrigin Origin, string? Stale);

/// <summary>A provider of which there can be accounts.</summary>
/// <param name="Kind">As accounts name it.</param>
/// <param name="Name">How people know it.</param>
/// <param name="BaseUrl">Its own address; null: an account must have one.</param>
/// <param name="NeedsKey">Whether it takes no calls without one.</param>
/// <param name="Makes">Kinds of models that it has in Parley.</param>
internal sealed record CatalogueProvider(string Kind, string Name, Uri? BaseUrl, bool NeedsKey, IReadOnlyList<ModelKind> Makes);

/// <summary>Everything that can be chosen.</summary>
internal sealed record ModelCatalogueView(IReadOnlyList<CatalogueProvider> Providers, IReadOnlyList<CatalogueEntry> Models);

/// <summary>Shows the catalogue as it is for a tenant: what shipped, corrected by the operator's file, corrected by its own entries.</summary>
internal sealed class CatalogueApi(TenantDb db, ConfigurationStore configuration, ModelCatalogue catalogue, TimeProvider time)
{
    internal static void Map(RouteGroupBuilder models) =>
        models.MapGet("/catalogue", async (Caller caller, CatalogueApi handler, CancellationToken ct) => TypedResults.Ok(await handler.GetAsync(caller, ct)))
            .WithName("GetModelCatalogue").RequirePermission(Permission.ModelsRead);

    private async Task<ModelCatalogueView> GetAsync(Caller caller, CancellationToken ct)
    {
        var own = await db.InTransactionAsync(caller.TenantId, async session =>
            (await configuration.PublishedAsync<ModelSettings>(session, ModelSettings.Kind, session.TenantId))?.Body.Models ?? [], ct);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var entries = catalogue.Models.Where(model => !own.Any(other => other.Provider == model.Provider && other.Model == model.Model))
            .Select(model => Entry(model, ModelCatalogue.IsOperators(model) ? CatalogueOrigin.Operator : CatalogueOrigin.Shipped))
            .Concat(own.Select(model => Entry(model, CatalogueOrigin.Own)));
        return new ModelCatalogueView(ModelProviders.Facts, [.. entries.OrderBy(entry => entry.Model.Provider, StringComparer.Ordinal).ThenBy(entry => entry.Model.Model, StringComparer.Ordinal)]);

        CatalogueEntry Entry(ModelInfo model, CatalogueOrigin origin) => new(model, origin, ModelSettingsRules.StaleReason(model, today));
    }
}
