using Parley.Platform.Authorization;

namespace Parley.Host.Isolation;

/// <summary>Puts what is the other's into one's own requests: nothing of it may come back, nothing of it may change.</summary>
internal sealed class Crossings(ProofClient client, Recipes recipes, Preparation preparation, TenantRows rows, List<string> failures)
{
    private static readonly TimeSpan SettlingIn = TimeSpan.FromMilliseconds(300);
    private readonly Dictionary<(Party, Party), HashSet<string>> _foreignIds = [];

    /// <summary>Requests that carried something of somebody else.</summary>
    internal int Count { get; private set; }

    /// <summary>Customers can talk in this application, so that its feeds can be heard.</summary>
    internal bool HasEndUsers { get; set; }

    /// <summary>Learns by which ids the other is recognised.</summary>
    internal async Task KnowAsync(Party mine, Party other, CancellationToken ct)
    {
        var sameTenant = mine.TenantId == other.TenantId;
        var ids = await rows.IdsAsync(other, sameTenant, ct);
        ids.ExceptWith(await rows.IdsAsync(mine, sameTenant, ct));
        _foreignIds[(mine, other)] = ids;
    }

    /// <summary>Each id in turn is the other's; at last everything is one's own but the header that names a tenant.</summary>
    internal async Task CrossAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party mine, Party other, CancellationToken ct)
    {
        var sameTenant = mine.TenantId == other.TenantId;
        foreach (var slot in preparation.SlotsOf(endpoint).Where(slot => !Kinds.IsPublic(slot.Kind) && (!sameTenant || Kinds.IsOfEndUser(slot.Kind))))
        {
            var foreign = await preparation.OtherValueAsync(other, endpoint, caller, slot, ct);
            var (call, who) = await preparation.RequestAsync(endpoint, caller, mine, null, (slot, foreign), ct);
            await TryAsync(endpoint, mine, other, who, call, $"{slot.Place} '{slot.Name}' of the other", foreign, mustBeRefused: slot.Place == SlotPlace.Path, ct);
        }
        if (!sameTenant)
        {
            var (call, who) = await preparation.RequestAsync(endpoint, caller, mine, null, null, ct);
            var headers = new Dictionary<string, string>(call.Headers) { [LocalOperatorToken.TenantHeader] = other.Slug };
            await TryAsync(endpoint, mine, other, who, call with { Headers = headers },
                $"the header {LocalOperatorToken.TenantHeader} of the other", other.Slug, mustBeRefused: false, ct);
        }
    }

    /// <summary>The other's request first, then one's own with the same idempotency key.</summary>
    internal async Task ReplayAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party mine, Party other, CancellationToken ct)
    {
        Count++;
        var key = ProofClient.OneTimeKey();
        var (theirs, they) = await preparation.RequestAsync(endpoint, caller, other, null, null, ct);
        var kept = await client.SendAsync(they, theirs with { Headers = key }, ct);
        _foreignIds[(mine, other)].UnionWith(TenantRows.Ids(kept.Headers + kept.Body));
        var (own, me) = await preparation.RequestAsync(endpoint, caller, mine, null, null, ct);
        CheckAnswer(endpoint, mine, other, await client.SendAsync(me, own with { Headers = key }, ct), "the idempotency key of the other", "");
    }

    /// <summary>At the end: nothing of the other has settled in one's own rows.</summary>
    internal async Task CheckRowsAsync(Party mine, Party other, CancellationToken ct)
    {
        var stored = await rows.IdsAsync(mine, onlyEndUser: false, ct);
        stored.IntersectWith(_foreignIds[(mine, other)]);
        if (stored.Count > 0)
        {
            failures.Add($"Rows of the one tenant hold ids of the other: {string.Join(", ", stored.Take(5))}.");
        }
    }

    private async Task TryAsync(
        EndpointCase endpoint, Party mine, Party other, Credential who, Call call, string with, string sent, bool mustBeRefused, CancellationToken ct)
    {
        Count++;
        var onlyEndUser = mine.TenantId == other.TenantId;
        var before = await rows.HashAsync(other, onlyEndUser, ct);
        var news = call.ReadFor is null ? Task.FromResult<string?>(null) : SpeakAsync(mine, other, ct);
        var reply = await client.SendAsync(who, call, ct);
        if (await news is { } conversation && reply.IsSuccess && !reply.Body.Contains(conversation, StringComparison.Ordinal))
        {
            failures.Add($"{endpoint}: with {with} one's own news does not arrive (no positive control): {reply.Short}");
        }
        if (mustBeRefused && reply.Status is not (403 or 404))
        {
            failures.Add($"{endpoint}: with {with} it answered {reply.Short} instead of 404 or 403");
        }
        if (reply.Status >= 500 && !recipes.Of(endpoint).AlsoFine.Contains(reply.Status))
        {
            failures.Add($"{endpoint}: with {with} it failed: {reply.Short}");
        }
        CheckAnswer(endpoint, mine, other, reply, with, sent);
        if (call.ReadFor is not null)
        {
            await rows.SettleAsync(other, ct); // The other has spoken, and may be answered still.
        }
        else if (await ChangedAsync(other, onlyEndUser, before, ct) is { Count: > 0 } changed)
        {
            failures.Add($"{endpoint}: with {with} rows of the other changed in {string.Join(", ", changed)}");
        }
    }

    private void CheckAnswer(EndpointCase endpoint, Party mine, Party other, Reply reply, string with, string sent)
    {
        var text = reply.Headers + reply.Body;
        var leaked = TenantRows.Ids(text).Where(id => id != sent && _foreignIds[(mine, other)].Contains(id)).Take(3).ToList();
        if (leaked.Count > 0 || text.Contains(other.Canary, StringComparison.Ordinal))
        {
            failures.Add($"{endpoint}: with {with} it gave away {(leaked.Count > 0 ? "ids " + string.Join(", ", leaked) : "a canary")}: {reply.Short}");
        }
    }

    private async Task<List<string>> ChangedAsync(Party other, bool onlyEndUser, Dictionary<string, string> before, CancellationToken ct)
    {
        var after = await rows.HashAsync(other, onlyEndUser, ct);
        return [.. before.Where(table => after.GetValueOrDefault(table.Key) != table.Value).Select(table => table.Key)];
    }

    /// <summary>While a feed is open both say something: one's own arrives (returned: in which conversation), the other's does not.</summary>
    private async Task<string?> SpeakAsync(Party mine, Party other, CancellationToken ct)
    {
        if (!HasEndUsers)
        {
            return null;
        }
        await Task.Delay(SettlingIn, ct);
        await other.SpeakAsync(ct);
        return await mine.SpeakAsync(ct);
    }
}
