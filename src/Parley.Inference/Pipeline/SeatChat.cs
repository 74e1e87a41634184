using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;

namespace Parley.Inference.Pipeline;

/// <summary>The bottom: the provider's client of the chosen account and model.</summary>
internal sealed class SeatChat(ModelProviders providers, ModelTimeouts timeouts) : IChatClient
{
    private const int MostClients = 500;

    private readonly ConcurrentDictionary<(ModelAccount Account, string Model, ModelCapabilities Capabilities), IChatClient> _clients = new();

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = ModelCall.Of(options);
        var (client, bare) = (Client(call.Seat!), ModelCall.Without(options!));
        var updates = call.InOnePiece ? WholeAsync(client, messages, bare, cancellationToken) : client.GetStreamingResponseAsync(messages, bare, cancellationToken);
        call.Sent = true;
        await using var each = updates.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(call, each))
        {
            yield return each.Current;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private IChatClient Client(ModelSeat seat)
    {
        if (_clients.Count >= MostClients)
        {
            _clients.Clear();
        }
        return _clients.GetOrAdd((seat.Account, seat.Info.Model, seat.Info.Capabilities), _ => providers.Chat(seat.Account, seat.Info.Model, seat.Info.Capabilities, timeouts));
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> WholeAsync(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var update in (await client.GetResponseAsync(messages, options, ct)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    private static async ValueTask<bool> NextAsync(ModelCall call, IAsyncEnumerator<ChatResponseUpdate> each)
    {
        try
        {
            return await each.MoveNextAsync();
        }
        catch (ModelException e) when (!e.MayBeBilled)
        {
            call.Sent = false;
            throw;
        }
    }
}
