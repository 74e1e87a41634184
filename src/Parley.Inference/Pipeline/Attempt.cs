using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;

namespace Parley.Inference.Pipeline;

/// <summary>
/// One try at an answer. What comes before the answer itself (counts, thoughts) is held back until the answer begins, so that a try that
/// fails before has left nothing with the caller, and its counts are not added to those of the next.
/// </summary>
internal sealed class Attempt(IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken ct) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates = updates.GetAsyncEnumerator(ct);
    private readonly Queue<ChatResponseUpdate> _held = [];

    internal ChatResponseUpdate Current { get; private set; } = null!;

    /// <summary>Ends with the first piece of the answer.</summary>
    internal async Task BeginAsync()
    {
        while (await _updates.MoveNextAsync())
        {
            _held.Enqueue(_updates.Current);
            if (_updates.Current.Contents.Any(content => content is TextContent { Text.Length: > 0 } or FunctionCallContent or DataContent))
            {
                return;
            }
        }
    }

    internal async ValueTask<bool> NextAsync()
    {
        if (_held.TryDequeue(out var held))
        {
            Current = held;
            return true;
        }
        var more = await _updates.MoveNextAsync();
        Current = more ? _updates.Current : Current;
        return more;
    }

    public ValueTask DisposeAsync() => _updates.DisposeAsync();
}
