using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Providers.Batches;

/// <summary>What one request of a file came to.</summary>
/// <param name="Text">The answer; null: there is none that can be used.</param>
/// <param name="Usage">What it was billed; null: not known, or nothing.</param>
/// <param name="Fault">Why there is no answer.</param>
internal sealed record BatchAnswer(string? Text, ModelUsage? Usage, ModelException? Fault);

/// <summary>
/// Around every provider's bare calls for files: the chat client of the same model writes the requests and reads the answers, so that capabilities, marks, checks
/// and usage are those of a call alone; clocks and errors are those of every call.
/// </summary>
internal sealed class CheckedBatches(IModelProvider provider, IBatchEndpoint wire, Func<DelegatingHandler?, ModelEndpoint> endpoint)
{
    private readonly ModelEndpoint _at = endpoint(null);

    /// <summary>The body of a request.</summary>
    /// <exception cref="ModelException">The model does not take it.</exception>
    internal async Task<string> WriteAsync(IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct)
    {
        var tape = WireTape.Recording();
        var at = endpoint(tape);
        try
        {
            await new CheckedChat(provider.Chat(at)!, at).GetResponseAsync(messages, options, ct);
        }
        catch (ModelException) when (tape.Sent is not null)
        {
        }
        return tape.Sent ?? throw new InvalidOperationException("The chat client sent nothing.");
    }

    /// <summary>Reads one result, also one that cannot be used: it may be billed all the same.</summary>
    internal async Task<BatchAnswer> ReadAsync(BatchLine line, CancellationToken ct)
    {
        if (line.Kind == BatchLineKind.Errored)
        {
            var (fault, message, permanent) = StatusFault.Of(line.Status, ProviderError.Read(System.Text.Encoding.UTF8.GetBytes(line.Body)), _at.BaseUrl);
            return new BatchAnswer(null, null, new ModelException(fault, _at.Account.Provider, _at.Model, message) { Status = line.Status, Permanent = permanent });
        }
        var (plain, judged) = (endpoint(WireTape.Playing(line.Body)), endpoint(WireTape.Playing(line.Body)));
        ModelUsage? usage = null;
        try
        {
            // A request of any form will do: the answer is on the tape.
            usage = ModelUsage.From((await provider.Chat(plain)!.Client.GetResponseAsync([new ChatMessage(ChatRole.User, ".")], new ChatOptions { ModelId = _at.Model }, ct)).Usage);
            return new BatchAnswer((await new CheckedChat(provider.Chat(judged)!, judged).GetResponseAsync([new ChatMessage(ChatRole.User, ".")], null, ct)).Text, usage, null);
        }
        catch (ModelException e)
        {
            return new BatchAnswer(null, usage, e);
        }
        catch (Exception e) when (e is not OperationCanceledException && !CallWatch.IsOurs(e))
        {
            return new BatchAnswer(null, usage, ExceptionFault.Of(e, plain));
        }
    }

    internal Task<string> SubmitAsync(Guid key, IReadOnlyList<(Guid Id, string Body)> requests, CancellationToken ct) => CallAsync(token => wire.SubmitAsync(key, requests, token), ct);

    internal Task<BatchSearch> FindAsync(Guid key, IReadOnlySet<Guid> items, DateTimeOffset since, IReadOnlySet<string> known, CancellationToken ct) =>
        CallAsync(token => wire.FindAsync(key, items, since, known, token), ct);

    internal Task<BatchStanding> LookAsync(string id, CancellationToken ct) => CallAsync(token => wire.LookAsync(id, token), ct);

    internal Task CancelAsync(string id, CancellationToken ct) => CallAsync(async token => { await wire.CancelAsync(id, token); return true; }, ct);

    internal Task ClearAsync(BatchStanding standing, CancellationToken ct) => CallAsync(async token => { await wire.ClearAsync(standing, token); return true; }, ct);

    /// <exception cref="ModelException">The results broke off; those before are good.</exception>
    internal async IAsyncEnumerable<BatchLine> ResultsAsync(BatchStanding standing, [EnumeratorCancellation] CancellationToken ct)
    {
        using var watch = CallWatch.Whole(_at, ct);
        await using var lines = wire.ResultsAsync(standing, watch.Token).GetAsyncEnumerator(watch.Token);
        while (await NextAsync(lines, watch))
        {
            yield return lines.Current;
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<BatchLine> lines, CallWatch watch)
    {
        try
        {
            return await lines.MoveNextAsync();
        }
        catch (Exception e) when (!CallWatch.IsOurs(e))
        {
            throw watch.Translate(e, output: false);
        }
    }

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken ct)
    {
        using var watch = CallWatch.Whole(_at, ct);
        try
        {
            return await call(watch.Token);
        }
        catch (Exception e) when (!CallWatch.IsOurs(e))
        {
            throw watch.Translate(e, output: false);
        }
    }
}
