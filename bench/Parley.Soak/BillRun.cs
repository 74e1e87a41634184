using Dapper;
using Microsoft.Extensions.AI;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Platform.Configuration;
using Parley.Testkit;
using Parley.Testkit.Faults;
using Parley.Testkit.Models;

namespace Parley.Soak;

/// <summary>Scripted turns of conversations that grow, over both protocols with their two kinds of prompt cache: what is booked is what the provider has counted itself, to the last digit.</summary>
internal static class BillRun
{
    private const int TurnsOfConversation = 10;

    internal static async Task<FaultRound> RunAsync(int turns)
    {
        await using var postgres = new PostgresFixture();
        await using var database = await postgres.CreateDatabaseAsync();
        await using var providers = await ModelsDouble.StartAsync();
        var tenant = await database.CreateTenantAsync();
        var settings = new BudgetSettings { Month = 10_000, Day = null, Conversation = null, HardCap = true, RequestsPerMinute = null, TokensPerMinute = null };
        await database.Tenants.InTransactionAsync(tenant, s => new ConfigurationStore(TimeProvider.System).SaveAndPublishAsync(s, BudgetSettings.Kind, tenant, settings, null), CancellationToken.None);
        await using var node = new ModelNode("node", database.Tenants, database.System, database.Key, new Uri(providers.Address), TimeProvider.System, new ModelTimeouts());
        List<(string, double)> figures = [];
        foreach (var provider in (string[])[ModelProviderKinds.Anthropic, ModelProviderKinds.OpenAi])
        {
            var seat = node.Seat(provider, key: provider);
            await AskAsync(node, seat, new Spender { TenantId = tenant, Feature = "answer", AssistantId = seat.Account.Id }, turns);
            var (billed, booked) = (providers.BilledTo(provider), await BookedAsync(database, seat.Account.Id));
            var cost = seat.Info.Prices!.Cost(new ModelUsage { InputTokens = billed.Input, CachedReadTokens = billed.CachedRead, CacheWriteTokens = billed.CacheWrite, OutputTokens = billed.Output });
            if (booked != (turns, billed.Input, billed.CachedRead, billed.CacheWrite, billed.Output, cost))
            {
                throw new InvalidOperationException($"{provider}: booked is {booked}, the provider has counted {billed}, which costs {cost}.");
            }
            figures.AddRange([($"{provider} turns", turns), ($"{provider} plain tokens", billed.Input), ($"{provider} cached tokens", billed.CachedRead), ($"{provider} written tokens", billed.CacheWrite), ($"{provider} dollars", (double)cost!)]);
        }
        return FaultRound.Of($"{turns} turns over each of two protocols cost exactly what the provider has counted", [.. figures]);
    }

    private static async Task AskAsync(ModelNode node, ModelSeat seat, Spender who, int turns)
    {
        var rules = new ChatMessage(ChatRole.System, string.Join(" ", Enumerable.Range(1, 700).Select(i => $"Rule {i} of the house.")));
        List<ChatMessage> history = [];
        for (var turn = 0; turn < turns; turn++)
        {
            history = turn % TurnsOfConversation == 0 ? [] : history;
            history.Add(new ChatMessage(ChatRole.User, $"Question {turn}, how is Zanzibar?"));
            var call = node.Call(who, seat);
            var options = call.In(new ChatOptions { MaxOutputTokens = 300 });
            var response = turn % 2 == 0 ? await node.Chat.GetStreamingResponseAsync([rules, .. history], options).ToChatResponseAsync() : await node.Chat.GetResponseAsync([rules, .. history], options);
            await call.BookedAsync();
            history.AddRange(response.Messages);
        }
    }

    private static async Task<(int, long, long, long, long, decimal?)> BookedAsync(TestDatabase database, Guid account)
    {
        await using var everything = await database.Everything.OpenConnectionAsync();
        return await everything.QuerySingleAsync<(int, long, long, long, long, decimal?)>("""
            select count(*)::int, sum(input_tokens)::bigint, sum(cached_tokens)::bigint, sum(cache_write_tokens)::bigint, sum(output_tokens)::bigint, sum(cost) from usage where account_id = @account and settled
            """, new { account });
    }
}
