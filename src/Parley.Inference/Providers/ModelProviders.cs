using Microsoft.Extensions.AI;
using Parley.Inference.Catalogue;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Anthropic;
using Parley.Inference.Providers.Batches;
using Parley.Inference.Providers.Cohere;
using Parley.Inference.Providers.Jina;
using Parley.Inference.Providers.OpenAi;
using Parley.Inference.Providers.Tei;
using Parley.Inference.Providers.Voyage;
using Parley.Platform.Outbound;

namespace Parley.Inference.Providers;

/// <summary>
/// Makes clients for accounts. What it returns throws only <see cref="ModelException"/> and, when the caller gives up, <see cref="OperationCanceledException"/>;
/// it neither retries nor fails over: that is for the decorators above.
/// </summary>
internal sealed class ModelProviders(GuardedHttp http, TimeProvider time)
{
    /// <summary>Adding a provider is a line here.</summary>
    private static readonly IModelProvider[] All =
    [
        new AnthropicProvider(),
        new OpenAiProvider(),
        new OpenAiCompatibleProvider(),
        new VoyageProvider(),
        new CohereProvider(),
        new JinaProvider(),
        new TeiProvider(),
    ];

    /// <summary>A batch of long texts or an image in base64, with room.</summary>
    private const long MaxResponseBytes = 64 * 1024 * 1024;

    /// <summary>The kinds there are.</summary>
    internal static IReadOnlyList<string> Kinds { get; } = [.. All.Select(provider => provider.Kind)];

    /// <summary>All of them, as people choose among them.</summary>
    internal static IReadOnlyList<CatalogueProvider> Facts { get; } = [.. All.Select(provider => new CatalogueProvider(provider.Kind, provider.Name, provider.DefaultBaseUrl, provider.NeedsKey, provider.Makes))];

    /// <summary>Null: there is none of this kind.</summary>
    internal static IModelProvider? Of(string? kind) => Array.Find(All, provider => provider.Kind == kind);

    /// <exception cref="ModelException">The account cannot be used for this.</exception>
    internal IChatClient Chat(ModelAccount account, string model, ModelCapabilities capabilities, ModelTimeouts? timeouts = null)
    {
        var (provider, at) = Endpoint(account, model, capabilities, timeouts);
        var chat = provider.Chat(at) ?? throw None(at, provider, "chat");
        return new CheckedChat(chat, at);
    }

    /// <exception cref="ModelException">The account cannot be used for this.</exception>
    internal IEmbeddingGenerator<string, Embedding<float>> Embeddings(ModelAccount account, string model, ModelCapabilities capabilities, ModelTimeouts? timeouts = null)
    {
        var (provider, at) = Endpoint(account, model, capabilities, timeouts);
        return new CheckedEmbeddings<string>(provider.Embeddings(at) ?? throw None(at, provider, "embedding"), at);
    }

    /// <exception cref="ModelException">The account cannot be used for this.</exception>
    internal IEmbeddingGenerator<IReadOnlyList<AIContent>, Embedding<float>> MixedEmbeddings(ModelAccount account, string model, ModelCapabilities capabilities, ModelTimeouts? timeouts = null)
    {
        var (provider, at) = Endpoint(account, model, capabilities, timeouts);
        return new CheckedEmbeddings<IReadOnlyList<AIContent>>(provider.MixedEmbeddings(at) ?? throw None(at, provider, "image embedding"), at);
    }

    /// <exception cref="ModelException">The account cannot be used for this.</exception>
    internal IReranker Reranker(ModelAccount account, string model, ModelCapabilities capabilities, ModelTimeouts? timeouts = null)
    {
        var (provider, at) = Endpoint(account, model, capabilities, timeouts);
        return new CheckedReranker(provider.Reranker(at) ?? throw None(at, provider, "reranking"), at);
    }

    /// <summary>Files of requests to a chat model; null: its provider has none, or the model does not take them.</summary>
    /// <exception cref="ModelException">The account cannot be used for this.</exception>
    internal CheckedBatches? Batches(ModelAccount account, string model, ModelCapabilities capabilities, ModelTimeouts? timeouts = null)
    {
        if (!HasBatches(account.Provider, capabilities))
        {
            return null;
        }
        var (provider, at) = Endpoint(account, model, capabilities, timeouts);
        return provider.Batches(at) is { } wire ? new CheckedBatches(provider, wire, tape => tape is null ? at : Endpoint(account, model, capabilities, timeouts, tape).At) : null;
    }

    /// <summary>Whether a model takes files of requests.</summary>
    internal static bool HasBatches(string provider, ModelCapabilities capabilities) => capabilities.Batch && Of(provider) is { HasBatches: true };

    private static ModelException None(ModelEndpoint at, IModelProvider provider, string what) =>
        at.Fault(ModelFault.Invalid, $"{provider.Name} has no {what} models in Parley. Choose an account of another provider for this.");

    private (IModelProvider Provider, ModelEndpoint At) Endpoint(ModelAccount account, string model, ModelCapabilities capabilities, ModelTimeouts? timeouts, DelegatingHandler? outer = null)
    {
        var provider = Array.Find(All, each => each.Kind == account.Provider)
            ?? throw new ModelException(ModelFault.Invalid, account.Provider, model, $"There is no such provider. Known are {string.Join(", ", Kinds)}.");
        var chosen = (timeouts ?? new ModelTimeouts()).Checked();
        var address = account.BaseUrl ?? provider.DefaultBaseUrl
            ?? throw new ModelException(ModelFault.Invalid, account.Provider, model, "The account has no base URL, and this provider has none of its own. Enter the address of the server.");
        if (provider.NeedsKey && account.Key.Length == 0)
        {
            throw new ModelException(ModelFault.Unauthorized, account.Provider, model, $"The account has no key. Enter one from {provider.Name}.");
        }
        // The guard's own limit is only the last resort: the clients know better what was slow.
        var limits = new OutboundLimits { MaxResponseBytes = MaxResponseBytes, Timeout = chosen.Whole + TimeSpan.FromSeconds(5), MaxRedirects = 0 };
        var baseUrl = new Uri(address.AbsoluteUri.TrimEnd('/') + "/");
        return (provider, new ModelEndpoint
        {
            Account = account, Model = model, Capabilities = capabilities, BaseUrl = baseUrl, Timeouts = chosen, Time = time,
            Http = http.CreateClient(limits, outer ?? new FaultHandler(account.Provider, model, time)),
        });
    }
}
