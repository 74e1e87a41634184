using Anthropic;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Batches;

namespace Parley.Inference.Providers.Anthropic;

/// <summary>Anthropic's Messages API by the official SDK.</summary>
/// <remarks>
/// https://platform.claude.com/docs/en/api/messages · streaming: …/docs/en/build-with-claude/streaming · tools: …/docs/en/agents-and-tools/tool-use/overview ·
/// SDK: …/docs/en/api/sdks/csharp. The SDK repeats calls by itself and takes credentials from the environment: both are switched off.
/// </remarks>
internal sealed class AnthropicProvider : IModelProvider
{
    /// <summary>The API wants a limit in every request.</summary>
    private const int DefaultMaxOutputTokens = 1024;

    public string Kind => ModelProviderKinds.Anthropic;

    public string Name => "Anthropic";

    public IReadOnlyList<ModelKind> Makes { get; } = [ModelKind.Chat];

    public Uri DefaultBaseUrl { get; } = new("https://api.anthropic.com");

    public bool HasBatches => true;

    public IBatchEndpoint Batches(ModelEndpoint at) => new AnthropicBatches(at);

    public ProviderChat Chat(ModelEndpoint at)
    {
        var client = new AnthropicClient
        {
            ApiKey = at.Account.Key,
            AuthToken = null,
            BaseUrl = BaseUrl(at.BaseUrl),
            HttpClient = at.Http,
            MaxRetries = 0,
            // Ours end the call first and say why; without one the SDK refuses long answers that are not streamed.
            Timeout = at.Timeouts.Whole + TimeSpan.FromSeconds(10),
        };
        // Newer models choose how long to think from an effort and refuse a number of tokens; older ones want the number.
        var thinking = at.Capabilities.Thinking == ThinkingSupport.Budget ? AnthropicThinkingMode.Extended : AnthropicThinkingMode.Adaptive;
        var chat = client.AsIChatClient(at.Model, Math.Min(DefaultMaxOutputTokens, at.Capabilities.MaxOutputTokens ?? DefaultMaxOutputTokens), thinking);
        return new ProviderChat(new MarkedPrompts(chat, at), IsOutput);
    }

    /// <summary>The SDK hands on a call's arguments when they are complete; the pieces come as updates without content.</summary>
    private static bool IsOutput(ChatResponseUpdate update) => update.RawRepresentation is RawMessageStreamEvent { Value: RawContentBlockDeltaEvent };

    /// <summary>Where the paths of the API begin.</summary>
    internal static Uri Root(Uri address) => new(BaseUrl(address) + "/");

    /// <summary>The SDK adds the version itself; people enter the address with it.</summary>
    private static string BaseUrl(Uri address)
    {
        var text = address.AbsoluteUri.TrimEnd('/');
        return text.EndsWith("/v1", StringComparison.Ordinal) ? text[..^3] : text;
    }
}
