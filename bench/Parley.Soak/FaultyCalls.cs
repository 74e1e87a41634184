using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Testkit.Models;

namespace Parley.Soak;

/// <summary>Calls through the whole stack to providers that are slow, busy, break off or fail once; and readers who leave.</summary>
internal sealed class FaultyCalls(ModelNode node, ModelsDouble providers)
{
    internal const int Kinds = 10;

    private static readonly ChatMessage[] Question = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "how do I begin, and where?")];

    private readonly ConcurrentDictionary<string, int> _seen = new();

    /// <summary>How often each thing happened.</summary>
    internal IReadOnlyDictionary<string, int> Seen => _seen;

    internal async Task AskAsync(Spender who, int kind)
    {
        if (kind == 3)
        {
            providers.FailNext("500");
        }
        var call = node.Call(who, Seats(kind));
        var options = call.In(new ChatOptions { MaxOutputTokens = 300 });
        try
        {
            if (kind == 5)
            {
                await node.Chat.GetResponseAsync(Question, options);
            }
            else
            {
                await ReadAsync(options, leaves: kind == 4);
            }
            Count(kind == 4 ? "left" : "answered");
        }
        catch (BudgetRefusedException)
        {
            Count("refused");
        }
        catch (ModelException e)
        {
            Count(e.Fault.ToString());
        }
        await call.BookedAsync();
        foreach (var decision in call.Decisions.Where(each => each.Step is "failover" or "retry"))
        {
            Count(decision.Step);
        }
    }

    private async Task ReadAsync(ChatOptions options, bool leaves)
    {
        await foreach (var update in node.Chat.GetStreamingResponseAsync(Question, options))
        {
            if (leaves && update.Text.Length > 0)
            {
                return;
            }
        }
    }

    private ModelSeat[] Seats(int kind)
    {
        var (first, second) = (node.Seat(ModelProviderKinds.Anthropic), node.Seat(ModelProviderKinds.OpenAi));
        return kind switch
        {
            0 => [node.Seat(ModelProviderKinds.Anthropic, "slow-first-token"), second],
            1 => [node.Seat(ModelProviderKinds.Anthropic, "cut"), second],
            2 => [node.Seat(ModelProviderKinds.Anthropic, "529"), second],
            3 => [first],
            6 => [node.Seat(ModelProviderKinds.OpenAi, "slow-first-token")],
            7 => [second, node.Seat(ModelProviderKinds.OpenAi, tier: ModelTier.Small)],
            _ => [first],
        };
    }

    private void Count(string what) => _seen.AddOrUpdate(what, 1, (_, before) => before + 1);
}
