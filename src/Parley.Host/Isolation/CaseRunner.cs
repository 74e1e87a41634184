namespace Parley.Host.Isolation;

/// <summary>Fills the parties with things, then proves one endpoint after the other.</summary>
internal sealed class CaseRunner
{
    private readonly Recipes _recipes;
    private readonly Preparation _preparation;
    private readonly Refusals _refusals;
    private readonly Crossings _crossings;
    private readonly TenantRows _rows;
    private readonly List<string> _failures;

    internal CaseRunner(ProofClient client, People people, Recipes recipes, TenantRows rows, List<string> failures)
    {
        (_recipes, _failures) = (recipes, failures);
        _rows = rows;
        _preparation = new Preparation(client, people, recipes);
        _refusals = new Refusals(client, people, recipes, _preparation, failures);
        _crossings = new Crossings(client, recipes, _preparation, _rows, failures);
    }

    internal int Crossings => _crossings.Count;

    /// <summary>Gives every list a second page, and the others everything that will be tried, before their rows are watched. The first party asks, the others are asked about.</summary>
    internal async Task SeedAsync(IReadOnlyList<Party> parties, IReadOnlyList<EndpointCase> cases, CancellationToken ct)
    {
        _preparation.Know(cases);
        _crossings.HasEndUsers = cases.Any(c => c.IsForEndUsers);
        var kinds = cases.SelectMany(_preparation.SlotsOf).Select(slot => slot.Kind).Where(kind => !Kinds.IsCursor(kind)).Distinct().ToList();
        foreach (var (party, kind) in from party in parties from kind in kinds select (party, kind))
        {
            await GuardAsync($"No '{kind}' can be made", async () =>
            {
                await party.MakeAsync(kind, ct);
                await party.KeptAsync(kind, ct);
            });
        }
        foreach (var (party, endpoint, slot) in from party in parties.Skip(1) from endpoint in cases from slot in _preparation.SlotsOf(endpoint) select (party, endpoint, slot))
        {
            await GuardAsync($"{endpoint}: its '{slot.Kind}' cannot be prepared", () => _preparation.PrepareOtherAsync(party, endpoint, slot, ct));
        }
        foreach (var party in parties)
        {
            await GuardAsync("The proof cannot be made", () => _rows.SettleAsync(party, ct));
        }
        foreach (var other in parties.Skip(1))
        {
            await _crossings.KnowAsync(parties[0], other, ct);
        }
    }

    internal Task ProveAsync(EndpointCase endpoint, Party mine, Party other, Party neighbour, CancellationToken ct) => GuardAsync(endpoint.ToString(), async () =>
    {
        RequireKnown(endpoint);
        foreach (var caller in endpoint.Callers.Where(caller => caller != EndpointCase.Kind.EndUser || _crossings.HasEndUsers))
        {
            await _refusals.SucceedAsync(endpoint, caller, mine, ct);
            await _crossings.CrossAsync(endpoint, caller, mine, other, ct);
            if (caller == EndpointCase.Kind.EndUser)
            {
                await _crossings.CrossAsync(endpoint, caller, mine, neighbour, ct);
            }
        }
        await _refusals.RefuseAsync(endpoint, mine, ct);
    });

    /// <summary>Last, because the other acts here: an answer that was kept for the other's idempotency key is given to nobody else.</summary>
    internal async Task ReplayAsync(IEnumerable<EndpointCase> cases, Party mine, Party other, CancellationToken ct)
    {
        foreach (var (endpoint, caller) in from endpoint in cases where endpoint.IsUnsafe && !endpoint.Rule.AnyUser from caller in endpoint.Callers select (endpoint, caller))
        {
            await GuardAsync(endpoint.ToString(), () => _crossings.ReplayAsync(endpoint, caller, mine, other, ct));
        }
    }

    internal Task CheckRowsAsync(Party mine, Party other, CancellationToken ct) => _crossings.CheckRowsAsync(mine, other, ct);

    private void RequireKnown(EndpointCase endpoint)
    {
        var recipe = _recipes.Of(endpoint);
        if (endpoint.IsOpaque && recipe.Slots is null)
        {
            throw new ProofException("It reads the request by itself. Say in Isolation/Recipes.cs which ids it reads (Recipe.ReadsNoIds for none).");
        }
        if (endpoint.Unknown.Where(name => !recipe.Texts.ContainsKey(name)).ToList() is { Count: > 0 } unknown)
        {
            throw new ProofException($"Nobody knows what '{string.Join("', '", unknown)}' names. Say it in Isolation/Kinds.cs and make one in Isolation/Party.cs.");
        }
    }

    private async Task GuardAsync(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ProofException e)
        {
            _failures.Add($"{what}: {e.Message}");
        }
    }
}
