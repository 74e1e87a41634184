using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Batches;

namespace Parley.Inference.Providers.OpenAi;

/// <summary>OpenAI by the official SDK, and Azure OpenAI at <c>https://RESOURCE.openai.azure.com/openai/v1</c>, where the model is the deployment's name.</summary>
/// <remarks>
/// https://developers.openai.com/api/reference/resources/chat · https://developers.openai.com/api/reference/resources/embeddings ·
/// https://learn.microsoft.com/en-us/azure/ai-foundry/openai/api-version-lifecycle. The SDK's own retries and time limit are switched off.
/// </remarks>
internal sealed class OpenAiProvider : IModelProvider
{
    public string Kind => ModelProviderKinds.OpenAi;

    public string Name => "OpenAI";

    public IReadOnlyList<ModelKind> Makes { get; } = [ModelKind.Chat, ModelKind.Embedding];

    public Uri DefaultBaseUrl { get; } = new("https://api.openai.com/v1");

    public bool HasBatches => true;

    public IBatchEndpoint Batches(ModelEndpoint at) => new OpenAiBatches(at);

    public ProviderChat Chat(ModelEndpoint at) => OpenAiClients.Chat(at, compatible: false);

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(ModelEndpoint at) => OpenAiClients.Embeddings(at);
}

/// <summary>Any server with OpenAI's calls: Gemini, Ollama, vLLM, llama.cpp, Groq, Mistral, OpenRouter. The base URL usually ends in /v1.</summary>
/// <remarks>
/// https://ai.google.dev/gemini-api/docs/openai · https://docs.ollama.com/api/openai-compatibility · https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html.
/// They differ from OpenAI in one thing that matters here: many know only the older <c>max_tokens</c>.
/// </remarks>
internal sealed class OpenAiCompatibleProvider : IModelProvider
{
    public string Kind => ModelProviderKinds.OpenAiCompatible;

    public string Name => "OpenAI-compatible server";

    public IReadOnlyList<ModelKind> Makes { get; } = [ModelKind.Chat, ModelKind.Embedding];

    public Uri? DefaultBaseUrl => null;

    public bool NeedsKey => false;

    public bool HasBatches => true;

    public IBatchEndpoint Batches(ModelEndpoint at) => new OpenAiBatches(at);

    public ProviderChat Chat(ModelEndpoint at) => OpenAiClients.Chat(at, compatible: true);

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(ModelEndpoint at) => OpenAiClients.Embeddings(at);
}

internal static class OpenAiClients
{
    /// <summary>The SDK insists on a key; a server of one's own ignores it.</summary>
    private const string NoKey = "none";

    internal static ProviderChat Chat(ModelEndpoint at, bool compatible) =>
        new(new OpenAiChat(new ChatClient(at.Model, Key(at), Options(at)), at, compatible), OpenAiChat.IsOutput);

    internal static IEmbeddingGenerator<string, Embedding<float>> Embeddings(ModelEndpoint at) =>
        new OpenAiEmbeddings(new EmbeddingClient(at.Model, Key(at), Options(at)), at);

    private static ApiKeyCredential Key(ModelEndpoint at) => new(at.Account.Key.Length > 0 ? at.Account.Key : NoKey);

    private static OpenAIClientOptions Options(ModelEndpoint at) => new()
    {
        Endpoint = at.BaseUrl,
        Transport = new HttpClientPipelineTransport(at.Http),
        RetryPolicy = new ClientRetryPolicy(0),
        NetworkTimeout = Timeout.InfiniteTimeSpan,
    };
}
