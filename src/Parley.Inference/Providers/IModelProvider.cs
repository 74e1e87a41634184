using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Batches;

namespace Parley.Inference.Providers;

/// <summary>
/// One provider: a folder, one line in <see cref="ModelProviders"/>, one subclass of a conformance suite. It builds a bare client; time limits,
/// checks of what comes back and the translation of errors are put around it in one place.
/// </summary>
internal interface IModelProvider
{
    /// <summary>As accounts name it.</summary>
    string Kind { get; }

    /// <summary>How people know it.</summary>
    string Name { get; }

    /// <summary>Where it is when an account has no address; null: the account must have one.</summary>
    Uri? DefaultBaseUrl { get; }

    /// <summary>Whether the API takes calls without a key.</summary>
    bool NeedsKey => true;

    /// <summary>Kinds of models that it has here.</summary>
    IReadOnlyList<ModelKind> Makes { get; }

    /// <summary>Whether it takes requests of chat models in files, for less; a model says with its capabilities whether it does.</summary>
    bool HasBatches => false;

    /// <summary>Files of requests; null: this provider has none.</summary>
    IBatchEndpoint? Batches(ModelEndpoint at) => null;

    /// <summary>A chat model; null: this provider has none.</summary>
    ProviderChat? Chat(ModelEndpoint at) => null;

    /// <summary>An embedding model of texts; null: this provider has none.</summary>
    IEmbeddingGenerator<string, Embedding<float>>? Embeddings(ModelEndpoint at) => null;

    /// <summary>An embedding model of texts together with images; null: this provider has none.</summary>
    IEmbeddingGenerator<IReadOnlyList<AIContent>, Embedding<float>>? MixedEmbeddings(ModelEndpoint at) => null;

    /// <summary>A reranker; null: this provider has none.</summary>
    IReranker? Reranker(ModelEndpoint at) => null;
}

/// <summary>A bare chat client and how to know its stream.</summary>
/// <param name="Client">Built on the provider's SDK.</param>
/// <param name="IsOutput">Whether an update shows that the model is writing, although it holds no content yet (the arguments of a call, in pieces).</param>
internal sealed record ProviderChat(IChatClient Client, Func<ChatResponseUpdate, bool> IsOutput);

/// <summary>Everything that a provider needs to build a client.</summary>
internal sealed record ModelEndpoint
{
    internal required ModelAccount Account { get; init; }

    internal required string Model { get; init; }

    internal required ModelCapabilities Capabilities { get; init; }

    /// <summary>With a slash at its end, so that a call's path is added to it.</summary>
    internal required Uri BaseUrl { get; init; }

    /// <summary>Guarded; throws <see cref="ModelException"/> for every answer that is no success.</summary>
    internal required HttpClient Http { get; init; }

    internal required ModelTimeouts Timeouts { get; init; }

    internal required TimeProvider Time { get; init; }

    internal ModelException Fault(ModelFault fault, string message, Exception? inner = null) => new(fault, Account.Provider, Model, message, inner);
}
