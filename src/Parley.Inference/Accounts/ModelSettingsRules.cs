using System.Globalization;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;

namespace Parley.Inference.Accounts;

/// <summary>What is known of an account without opening it.</summary>
internal sealed record AccountFacts(Guid Id, string Name, string Provider, bool Enabled, bool OfInstance = false);

/// <summary>What must hold of a tenant's choices, and what is worth saying although it holds. Pure.</summary>
internal static class ModelSettingsRules
{
    internal const int MaxChoices = 60, MaxModels = 200, StaleDays = 90;

    /// <summary>By field, what is wrong and how to mend it; empty: nothing.</summary>
    internal static IReadOnlyDictionary<string, string[]> Problems(ModelSettings settings, IReadOnlyCollection<AccountFacts> accounts, ModelCatalogue catalogue)
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (settings.CascadeBelow is not (>= 0 and <= 1))
        {
            problems["cascadeBelow"] = ["cascadeBelow must be between 0 and 1."];
        }
        if (settings.MaxAttempts is < 1 or > 3)
        {
            problems["maxAttempts"] = ["maxAttempts must be 1, 2 or 3."];
        }
        if (settings.Choices is null || settings.Choices.Count > MaxChoices || settings.Choices.Any(choice => choice is null))
        {
            problems["choices"] = [$"choices must be a list of at most {MaxChoices}, none of them null."];
        }
        if (settings.Models is null || settings.Models.Count > MaxModels || settings.Models.Any(model => model is null))
        {
            problems["models"] = [$"models must be a list of at most {MaxModels}, none of them null."];
        }
        if (problems.ContainsKey("choices") || problems.ContainsKey("models"))
        {
            return problems;
        }
        foreach (var (i, model) in settings.Models!.Index())
        {
            string[] wrong = [.. ModelInfoRules.Problems(model, shipped: false)];
            if (settings.Models!.Take(i).Any(other => (other.Provider, other.Model) == (model.Provider, model.Model)))
            {
                wrong = [.. wrong, $"{model.Provider} {model.Model} is there twice; keep one."];
            }
            if (wrong.Length > 0)
            {
                problems[At("models", i)] = wrong;
            }
        }
        foreach (var (i, choice) in settings.Choices!.Index())
        {
            if (Problem(settings, i, choice, accounts, catalogue) is var (field, message))
            {
                problems[$"{At("choices", i)}.{field}"] = [message];
            }
        }
        return problems;
    }

    /// <summary>
    /// A tenant's own entry counts before the catalogue's. Not its prices where the operator pays: of an account of the instance those of the catalogue count, and
    /// where it has none, there is none.
    /// </summary>
    internal static ModelInfo? Find(ModelSettings settings, ModelCatalogue catalogue, string provider, string model, bool ofInstance)
    {
        var (own, known) = (settings.Models.FirstOrDefault(each => each.Provider == provider && each.Model == model), catalogue.Find(provider, model));
        return own is null ? known : ofInstance ? own with { Prices = known?.Prices, AsOf = known?.AsOf ?? own.AsOf, Until = known?.Until, Source = known?.Source } : own;
    }

    /// <summary>What holds but will surprise: a choice that serves nobody now, a price that may no longer be true.</summary>
    internal static IReadOnlyList<string> Warnings(ModelSettings settings, IReadOnlyCollection<AccountFacts> accounts, ModelCatalogue catalogue, DateOnly today)
    {
        var warnings = new List<string>();
        foreach (var choice in settings.Choices.DistinctBy(choice => (choice.AccountId, choice.Model)))
        {
            if (accounts.FirstOrDefault(account => account.Id == choice.AccountId) is not { } account)
            {
                warnings.Add($"{choice.Model}: its account is gone, so it serves nothing. Choose another account, or remove it.");
                continue;
            }
            if (!account.Enabled)
            {
                warnings.Add($"{choice.Model}: the account '{account.Name}' is switched off, so it serves nothing.");
            }
            if (Find(settings, catalogue, account.Provider, choice.Model, account.OfInstance) is not { } info)
            {
                warnings.Add($"{choice.Model}: the catalogue no longer has it, so it serves nothing. Add it with its prices.");
            }
            else if (info.Prices is null)
            {
                warnings.Add($"{choice.Model}: it has no price, so it is not asked where a budget must not be passed. {(account.OfInstance ? InstancePrices(account) : "Enter its price; a server of your own costs 0.")}");
            }
            else if (StaleReason(info, today) is { } stale)
            {
                warnings.Add($"{choice.Model}: {stale}");
            }
        }
        return warnings;
    }

    private static string InstancePrices(AccountFacts account) =>
        $"The account '{account.Name}' belongs to the instance, for which only prices of the catalogue count: let the operator add the model there.";

    /// <summary>Null: the price is recent enough. A price of 0 does not age.</summary>
    internal static string? StaleReason(ModelInfo info, DateOnly today) =>
        info.Prices is null or { Input: 0, Output: 0 or null, Searches: 0 or null } ? null
        : info.Until < today ? string.Create(CultureInfo.InvariantCulture, $"Its price held until {info.Until:yyyy-MM-dd}. Look up the new one and enter it.")
        : today.DayNumber - info.AsOf.DayNumber > StaleDays ? string.Create(CultureInfo.InvariantCulture, $"Its price was read on {info.AsOf:yyyy-MM-dd}, more than {StaleDays} days ago. Check it and enter it again.")
        : null;

    private static (string Field, string Message)? Problem(ModelSettings settings, int index, ModelChoice choice, IReadOnlyCollection<AccountFacts> accounts, ModelCatalogue catalogue)
    {
        if (choice.Feature is null || !ModelFeature.All.Contains(choice.Feature))
        {
            return ("feature", $"feature is none of {string.Join(", ", ModelFeature.All)}.");
        }
        if (!Enum.IsDefined(choice.Tier) || (choice.Feature != ModelFeature.Answer && choice.Tier != ModelTier.Small))
        {
            return ("tier", $"Only {ModelFeature.Answer} has tiers; give small for {choice.Feature}.");
        }
        if (accounts.FirstOrDefault(account => account.Id == choice.AccountId) is not { } account)
        {
            return ("accountId", "There is no such account. Add it first, or choose another.");
        }
        if (!ModelInfoRules.IsLine(choice.Model))
        {
            return ("model", "Name a model as its provider does.");
        }
        if (Find(settings, catalogue, account.Provider, choice.Model, account.OfInstance) is not { } info)
        {
            return ("model", $"{account.Provider} {choice.Model} is not in the catalogue. Add it with its prices, or choose one that is there.");
        }
        if (info.Kind != ModelFeature.KindOf(choice.Feature))
        {
            return ("model", $"{choice.Model} {Does(info.Kind)}; {choice.Feature} needs a model that {Does(ModelFeature.KindOf(choice.Feature))}.");
        }
        if (choice.Feature == ModelFeature.Vision && !info.Capabilities.Images)
        {
            return ("model", $"{choice.Model} reads no images. Choose a model that does, or set it in the catalogue if it does.");
        }
        return Among(settings, index, choice);
    }

    private static (string Field, string Message)? Among(ModelSettings settings, int index, ModelChoice choice)
    {
        var before = settings.Choices.Take(index).Where(other => other.Feature == choice.Feature).ToList();
        return before.Contains(choice) ? ("model", $"{choice.Model} of this account serves {choice.Feature} twice in the same tier; keep one.")
            : choice.Feature == ModelFeature.Embed && before.Find(other => other.Model != choice.Model) is { } other
                ? ("model", $"{other.Model} makes the vectors already, and those of {choice.Model} do not fit them. Choose the same model of another account as a substitute, or replace {other.Model}.")
            : null;
    }

    private static string Does(ModelKind kind) => kind switch { ModelKind.Embedding => "makes vectors", ModelKind.Rerank => "scores passages", _ => "writes" };

    private static string At(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]");
}
