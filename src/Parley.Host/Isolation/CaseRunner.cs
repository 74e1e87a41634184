using System.Text.Json.Nodes;
using Parley.Platform.Authorization;
using Parley.Platform.Data;

namespace Parley.Host.Isolation;

/// <summary>Proves one endpoint after the other.</summary>
internal sealed class CaseRunner(ProofClient client, People people, Recipes recipes, TenantDb db, List<string> failures)
{
    private static readonly TimeSpan SettlingIn = TimeSpan.FromMilliseconds(300);
    private readonly TenantRows _rows = new(db);
    private readonly Dictionary<(Party, string), string> _others = [];
    private readonly Dictionary<(Party, Party), HashSet<string>> _foreignIds = [];
    private bool _hasEndUsers;
    private readonly Dictionary<string, EndpointCase> _gets = new(StringComparer.Ordinal);

    internal int Crossings { get; private set; }

    /// <summary>Gives every list a second page, and the others everything that will be tried, before their rows are watched.</summary>
    internal async Task SeedAsync(IReadOnlyList<Party> parties, IReadOnlyList<EndpointCase> cases, CancellationToken ct)
    {
        foreach (var endpoint in cases.Where(c => c.Method == "GET"))
        {
            _gets[endpoint.Pattern] = endpoint;
        }
        _hasEndUsers = cases.Any(c => c.IsForEndUsers);
        var kinds = cases.SelectMany(SlotsOf).Select(slot => slot.Kind).Where(kind => kind is not (Kinds.Cursor or Kinds.FeedCursor)).Distinct().ToList();
        foreach (var party in parties)
        {
            foreach (var kind in kinds)
            {
                try
                {
                    await party.MakeAsync(kind, ct);
                    await party.KeptAsync(kind, ct);
                }
                catch (ProofException e)
                {
                    failures.Add($"No '{kind}' can be made: {e.Message}");
                }
            }
        }
        foreach (var (party, slot, endpoint) in from party in parties.Skip(1) from endpoint in cases from slot in SlotsOf(endpoint) select (party, slot, endpoint))
        {
            await TryPrepareOtherAsync(party, endpoint, slot, ct);
        }
        foreach (var party in parties)
        {
            await _rows.SettleAsync(party, ct);
        }
        foreach (var other in parties.Skip(1))
        {
            var sameTenant = other.TenantId == parties[0].TenantId;
            var ids = await _rows.IdsAsync(other, sameTenant, ct);
            ids.ExceptWith(await _rows.IdsAsync(parties[0], sameTenant, ct));
            _foreignIds[(parties[0], other)] = ids;
        }
    }

    internal async Task ProveAsync(EndpointCase endpoint, Party mine, Party other, Party neighbour, CancellationToken ct)
    {
        var recipe = recipes.Of(endpoint);
        if (endpoint.IsOpaque && recipe.Slots is null)
        {
            throw new ProofException("It reads the request by itself. Say in Isolation/Recipes.cs which ids it reads (Recipe.ReadsNoIds for none).");
        }
        if (endpoint.Unknown.Where(name => !recipe.Texts.ContainsKey(name)).ToList() is { Count: > 0 } unknown)
        {
            throw new ProofException($"Nobody knows what '{string.Join("', '", unknown)}' names. Say it in Isolation/Kinds.cs and make one in Isolation/Party.cs.");
        }
        foreach (var caller in endpoint.Callers.Where(caller => caller != EndpointCase.Kind.EndUser || _hasEndUsers))
        {
            await ControlAsync(endpoint, caller, mine, ct);
            await CrossAsync(endpoint, caller, mine, other, ct);
            if (caller == EndpointCase.Kind.EndUser)
            {
                await CrossAsync(endpoint, caller, mine, neighbour, ct);
            }
        }
        await RefuseAsync(endpoint, mine, ct);
    }

    /// <summary>At the end: nothing of the other has settled in one's own rows.</summary>
    internal async Task CheckRowsAsync(Party mine, Party other, CancellationToken ct)
    {
        var stored = await _rows.IdsAsync(mine, onlyEndUser: false, ct);
        stored.IntersectWith(_foreignIds[(mine, other)]);
        if (stored.Count > 0)
        {
            failures.Add($"Rows of the one tenant hold ids of the other: {string.Join(", ", stored.Take(5))}.");
        }
    }

    private IEnumerable<Slot> SlotsOf(EndpointCase endpoint) => endpoint.Slots.Concat(recipes.Of(endpoint).Slots ?? []).Distinct();

    /// <summary>With its own ids it works: for who it is made for, for every role and key that holds its permission.</summary>
    private async Task ControlAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party mine, CancellationToken ct)
    {
        await SucceedAsync(endpoint, caller, mine, who: null, "its own tenant's ids", strict: true, ct);
        if (caller != EndpointCase.Kind.Owner || endpoint.Rule.Permission is not { } permission || permission == Permission.WidgetTalk)
        {
            return;
        }
        foreach (var (role, permissions) in Permission.BuiltInRoles.Where(r => r.Key != "owner" && r.Value.Contains(permission)))
        {
            await SucceedAsync(endpoint, caller, mine, await people.OfRoleAsync(mine.Slug, role, ct), $"the role {role}", strict: true, ct);
        }
        var key = await people.KeyAsync(mine.Slug, [permission], ct);
        await SucceedAsync(endpoint, caller, mine, key, $"a key with the scope {permission}", strict: !recipes.Of(endpoint).GrantsRights, ct);
    }

    private async Task SucceedAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party mine, Credential? who, string with, bool strict, CancellationToken ct)
    {
        var recipe = recipes.Of(endpoint);
        var (call, credential) = await PrepareAsync(endpoint, caller, mine, who, null, null, ct);
        var reply = await client.SendAsync(credential, call, ct);
        var passed = reply.IsSuccess || recipe.AlsoFine.Contains(reply.Status)
            || (!strict && reply.Status is (400 or 403) && reply.Json?["code"]?.GetValue<string>() is not ("forbidden" or "unauthenticated"));
        if (!passed)
        {
            failures.Add($"{endpoint}: does not work with {with} (no positive control): {call.Path} {call.Body?.ToJsonString()} answered {reply.Short}");
        }
    }

    /// <summary>Nobody, customers, roles and keys without the permission, and pages of other sites are refused.</summary>
    private async Task RefuseAsync(EndpointCase endpoint, Party mine, CancellationToken ct)
    {
        if (endpoint.Rule is { Permission: null, AnyUser: false })
        {
            return;
        }
        var values = new Dictionary<Slot, string>();
        foreach (var slot in SlotsOf(endpoint).Where(slot => slot.Kind is not (Kinds.Cursor or Kinds.FeedCursor)))
        {
            values[slot] = await mine.KeptAsync(slot.Kind, ct);
        }
        var call = RequestBuilder.Build(endpoint, values, await BodyAsync(endpoint, mine, [], ct), mine, recipes.Of(endpoint));
        await RefusedAsync(endpoint, Credential.Nobody, call, 401, "nobody");
        if (endpoint.IsForEndUsers)
        {
            await RefusedAsync(endpoint, mine.Owner, call, 403, "a member of the console");
        }
        else if (endpoint.Rule is { AnyUser: true })
        {
            await RefusedAsync(endpoint, await people.KeyAsync(mine.Slug, Permission.All, ct), call, 401, "an API key");
        }
        else if (!endpoint.Callers.Contains(EndpointCase.Kind.EndUser))
        {
            if (mine.EndUser != Credential.Nobody)
            {
                await RefusedAsync(endpoint, mine.EndUser, call, 403, "a customer");
            }
            await RefuseByPermissionAsync(endpoint, mine, call, ct);
        }
        if (endpoint.IsUnsafe && !endpoint.IsForEndUsers)
        {
            await RefusedAsync(endpoint, mine.Owner, call with { Csrf = false }, 403, "a page of another site");
        }

        async Task RefusedAsync(EndpointCase target, Credential who, Call request, int status, string name)
        {
            var reply = await client.SendAsync(who, request, ct);
            if (reply.Status != status)
            {
                failures.Add($"{target}: {name} should be refused with {status}, but got {reply.Short}");
            }
        }
    }

    private async Task RefuseByPermissionAsync(EndpointCase endpoint, Party mine, Call call, CancellationToken ct)
    {
        string[] needed = [endpoint.Rule.Permission!, .. endpoint.Rule.Or];
        var without = new List<(string Name, Credential Who)>
        {
            ("a key with every other scope", await people.KeyAsync(mine.Slug, [.. Permission.All.Except(needed)], ct)),
        };
        foreach (var (role, _) in Permission.BuiltInRoles.Where(r => !needed.Any(r.Value.Contains)))
        {
            without.Add(($"the role {role}", await people.OfRoleAsync(mine.Slug, role, ct)));
        }
        foreach (var (name, who) in without)
        {
            var reply = await client.SendAsync(who, call, ct);
            if (reply.Status != 403)
            {
                failures.Add($"{endpoint}: {name} should be refused with 403, but got {reply.Short}");
            }
        }
    }

    /// <summary>Each id in turn is the other's; at last everything is one's own but the header that names a tenant.</summary>
    private async Task CrossAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party mine, Party other, CancellationToken ct)
    {
        var sameTenant = mine.TenantId == other.TenantId;
        foreach (var slot in SlotsOf(endpoint).Where(slot => !Kinds.IsPublic(slot.Kind) && (!sameTenant || Kinds.IsOfEndUser(slot.Kind))))
        {
            var foreign = await OtherValueAsync(other, endpoint, caller, slot, ct);
            var (call, who) = await PrepareAsync(endpoint, caller, mine, null, slot, foreign, ct);
            await TryAsync(endpoint, mine, other, who, call, $"{slot.Place} '{slot.Name}' of the other", foreign, mustBeRefused: slot.Place == SlotPlace.Path, ct);
        }
        if (!sameTenant)
        {
            var (call, who) = await PrepareAsync(endpoint, caller, mine, null, null, null, ct);
            var headers = new Dictionary<string, string>(call.Headers) { [LocalOperatorToken.TenantHeader] = other.Slug };
            await TryAsync(endpoint, mine, other, who, call with { Headers = headers }, $"the header {LocalOperatorToken.TenantHeader} of the other", other.Slug, mustBeRefused: false, ct);
        }
    }

    private async Task TryAsync(EndpointCase endpoint, Party mine, Party other, Credential who, Call call, string with, string sent, bool mustBeRefused, CancellationToken ct)
    {
        Crossings++;
        var onlyEndUser = mine.TenantId == other.TenantId;
        var before = await _rows.HashAsync(other, onlyEndUser, ct);
        var activity = call.ReadFor is null ? Task.FromResult<string?>(null) : ActAsync(mine, other, ct);
        var reply = await client.SendAsync(who, call, ct);
        if (await activity is { } conversation && reply.IsSuccess && !reply.Body.Contains(conversation, StringComparison.Ordinal))
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
        var text = reply.Headers + reply.Body;
        var leaked = TenantRows.Ids(text).Where(id => id != sent && _foreignIds[(mine, other)].Contains(id)).Take(3).ToList();
        if (leaked.Count > 0 || text.Contains(other.Canary, StringComparison.Ordinal))
        {
            failures.Add($"{endpoint}: with {with} it gave away {(leaked.Count > 0 ? "ids " + string.Join(", ", leaked) : "a canary")}: {reply.Short}");
        }
        if (call.ReadFor is null)
        {
            var after = await _rows.HashAsync(other, onlyEndUser, ct);
            var changed = before.Where(table => after.GetValueOrDefault(table.Key) != table.Value).Select(table => table.Key).ToList();
            if (changed.Count > 0)
            {
                failures.Add($"{endpoint}: with {with} rows of the other changed in {string.Join(", ", changed)}");
            }
        }
    }

    /// <summary>While a feed is open both say something: one's own arrives (returned: in which conversation), the other's does not.</summary>
    private async Task<string?> ActAsync(Party mine, Party other, CancellationToken ct)
    {
        if (!_hasEndUsers)
        {
            return null;
        }
        await Task.Delay(SettlingIn, ct);
        await other.SpeakAsync(ct);
        return await mine.SpeakAsync(ct);
    }

    /// <summary>The request with one's own ids, but one.</summary>
    private async Task<(Call Call, Credential Who)> PrepareAsync(EndpointCase endpoint, EndpointCase.Kind kind, Party mine, Credential? who, Slot? swapped, string? foreign, CancellationToken ct)
    {
        var recipe = recipes.Of(endpoint);
        // What ends sessions or changes passwords does so to somebody who is used for nothing else.
        var person = who is null && endpoint.Rule.Permission is null && (endpoint.Rule.AnyUser || recipe.Fields is not null)
            ? await people.NewAsync(mine.Slug, "owner", ct)
            : null;
        var values = new Dictionary<Slot, string>();
        foreach (var slot in SlotsOf(endpoint).Where(slot => slot != swapped && slot.Kind is not (Kinds.Cursor or Kinds.FeedCursor)))
        {
            values[slot] = endpoint.IsUnsafe || recipe.Prepare is not null ? await mine.MakeAsync(slot.Kind, ct) : await mine.KeptAsync(slot.Kind, ct);
        }
        if (recipe.Prepare is not null && swapped is null)
        {
            await recipe.Prepare(mine, values.ToDictionary(v => v.Key.Kind, v => v.Value), ct);
        }
        foreach (var slot in SlotsOf(endpoint).Where(slot => slot != swapped && slot.Kind is (Kinds.Cursor or Kinds.FeedCursor)))
        {
            values[slot] = await CursorAsync(endpoint, kind, mine, slot, values, ct);
        }
        if (swapped is not null)
        {
            values[swapped] = foreign!;
        }
        // What the recipe says goes over what was made, but never over what is tried.
        var fields = recipe.Fields is null ? [] : await recipe.Fields(new Attempt(endpoint, mine, person?.Email ?? mine.NewEmail()), ct);
        foreach (var slot in values.Keys.Where(slot => slot.Place == SlotPlace.Body && slot != swapped && fields.ContainsKey(slot.Name)).ToList())
        {
            values.Remove(slot);
        }
        var caller = kind == EndpointCase.Kind.Nobody ? Credential.Nobody : who ?? person?.Credential ?? Of(mine, kind);
        return (RequestBuilder.Build(endpoint, values, await BodyAsync(endpoint, mine, fields, ct), mine, recipe), caller);
    }

    private static Credential Of(Party party, EndpointCase.Kind kind) => kind switch
    {
        EndpointCase.Kind.EndUser => party.EndUser,
        EndpointCase.Kind.Nobody => Credential.Nobody,
        _ => party.Owner,
    };

    private async Task<JsonNode?> BodyAsync(EndpointCase endpoint, Party mine, JsonObject fields, CancellationToken ct)
    {
        var body = endpoint.Body?.DeepClone();
        // What is replaced as a whole is valid as it is read.
        if (endpoint.Method == "PUT" && _gets.ContainsKey(endpoint.Pattern) && !endpoint.Pattern.Contains('{', StringComparison.Ordinal))
        {
            body = (await mine.OwnerAsync("GET", endpoint.Pattern, null, ct)).DeepClone();
        }
        if (body is JsonObject target)
        {
            foreach (var (name, value) in fields)
            {
                target[name] = value?.DeepClone();
            }
        }
        return body;
    }

    private async Task<string> CursorAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party party, Slot slot, Dictionary<Slot, string> values, CancellationToken ct)
    {
        var path = RequestBuilder.PathOf(endpoint, values, party);
        if (slot.Kind == Kinds.FeedCursor)
        {
            var feed = await client.SendAsync(Of(party, caller), new Call("GET", path) { ReadFor = TimeSpan.FromSeconds(1) }, ct);
            return feed.Body.Split('\n').FirstOrDefault(line => line.StartsWith("id:", StringComparison.Ordinal))?[3..].Trim()
                ?? throw new ProofException("The feed gives no cursor: " + feed.Short);
        }
        var page = await client.GetAsync(Of(party, caller), "GET", path + "?limit=1", null, ct);
        return page["next"]?.GetValue<string>() ?? throw new ProofException($"GET {path}?limit=1 has no second page, so its cursor cannot be proven: {page.ToJsonString()}");
    }

    /// <summary>What the other would put there itself, in a state where it would work for the other; made before its rows are watched.</summary>
    private async Task<string> OtherValueAsync(Party other, EndpointCase endpoint, EndpointCase.Kind caller, Slot slot, CancellationToken ct) =>
        slot.Kind is (Kinds.Cursor or Kinds.FeedCursor) ? await OtherCursorAsync(other, endpoint, caller, slot, ct)
        : _others.TryGetValue((other, endpoint.Name + slot.Name), out var prepared) ? prepared
        : await other.KeptAsync(slot.Kind, ct);

    private async Task<string> OtherCursorAsync(Party other, EndpointCase endpoint, EndpointCase.Kind caller, Slot slot, CancellationToken ct)
    {
        var values = new Dictionary<Slot, string>();
        foreach (var path in SlotsOf(endpoint).Where(s => s.Place == SlotPlace.Path))
        {
            values[path] = await other.KeptAsync(path.Kind, ct);
        }
        return await CursorAsync(endpoint, caller, other, slot, values, ct);
    }

    private async Task TryPrepareOtherAsync(Party other, EndpointCase endpoint, Slot slot, CancellationToken ct)
    {
        if (recipes.Of(endpoint).Prepare is not { } prepare || slot.Kind is (Kinds.Cursor or Kinds.FeedCursor))
        {
            return;
        }
        try
        {
            var id = await other.MakeAsync(slot.Kind, ct);
            await prepare(other, new Dictionary<string, string> { [slot.Kind] = id }, ct);
            _others[(other, endpoint.Name + slot.Name)] = id;
        }
        catch (ProofException e)
        {
            failures.Add($"{endpoint}: its '{slot.Kind}' cannot be prepared: {e.Message}");
        }
    }
}
