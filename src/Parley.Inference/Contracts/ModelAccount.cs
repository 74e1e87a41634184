using System.Text;

namespace Parley.Inference.Contracts;

/// <summary>Access to one provider: what an operator or a tenant has entered. The key is opened by whoever makes this record and is never written out.</summary>
public sealed record ModelAccount
{
    /// <summary>Which account; rate limits belong to it, and circuits to its models.</summary>
    public required Guid Id { get; init; }

    /// <summary>A kind that <see cref="ModelProviderKinds"/> names.</summary>
    public required string Provider { get; init; }

    /// <summary>Where the API is, without the path of a call; null: the provider's own address.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The secret; empty where a server of one's own asks for none.</summary>
    public string Key { get; init; } = "";

    /// <summary>The operator of the instance shares it with all tenants: nothing that one of them enters or does may decide for the others.</summary>
    public bool OfInstance { get; init; }

    /// <summary>What the provider, or the operator, allows this account.</summary>
    public ModelAccountLimits Limits { get; init; } = new();

    // A record writes out all of its properties: into logs, into failed assertions, into exceptions.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Id = {Id}, Provider = {Provider}, BaseUrl = {BaseUrl}, Key = {(Key.Length > 0 ? "set" : "none")}");
        return true;
    }
}

/// <summary>Limits of an account; null: none is known.</summary>
public sealed record ModelAccountLimits
{
    /// <summary>Calls a minute.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Input and output tokens a minute.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>Calls under way at once.</summary>
    public int? Concurrency { get; init; }
}

/// <summary>The kinds of provider that accounts name.</summary>
public static class ModelProviderKinds
{
    /// <summary>Anthropic's Messages API.</summary>
    public const string Anthropic = "anthropic";

    /// <summary>OpenAI itself, and Azure OpenAI at its <c>/openai/v1</c> address.</summary>
    public const string OpenAi = "openai";

    /// <summary>Any server with OpenAI's chat completions and embeddings: Gemini, Ollama, vLLM, llama.cpp, Groq, Mistral, OpenRouter.</summary>
    public const string OpenAiCompatible = "openai-compatible";

    /// <summary>Voyage AI: embeddings of text and of images, reranking.</summary>
    public const string Voyage = "voyage";

    /// <summary>Cohere: reranking.</summary>
    public const string Cohere = "cohere";

    /// <summary>Jina AI and servers with the same call (vLLM, LocalAI, llama.cpp): reranking.</summary>
    public const string Jina = "jina";

    /// <summary>Hugging Face's text-embeddings-inference: reranking. Its embeddings are <see cref="OpenAiCompatible"/>.</summary>
    public const string Tei = "tei";
}
