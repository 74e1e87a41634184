using System.Text.Json.Nodes;

namespace Parley.Host.Isolation;

/// <summary>Makes requests that would succeed, and with one place given to somebody else.</summary>
internal sealed class Preparation(ProofClient client, People people, Recipes recipes)
{
    private static readonly TimeSpan FeedPatience = TimeSpan.FromSeconds(1);
    private readonly Dictionary<(Party, string), string> _prepared = [];
    private Dictionary<string, EndpointCase> _gets = new(StringComparer.Ordinal);

    /// <summary>What can be read, so that what is replaced as a whole can be replaced by itself.</summary>
    internal void Know(IEnumerable<EndpointCase> cases) =>
        _gets = cases.Where(c => c.Method == "GET").DistinctBy(c => c.Pattern).ToDictionary(c => c.Pattern, StringComparer.Ordinal);

    /// <summary>Every place of an endpoint that names a thing.</summary>
    internal IEnumerable<Slot> SlotsOf(EndpointCase endpoint) => endpoint.Slots.Concat(recipes.Of(endpoint).Slots ?? []).Distinct();

    /// <summary>The request with one's own ids, but the one that is swapped, and who makes it.</summary>
    internal async Task<(Call Call, Credential Who)> RequestAsync(
        EndpointCase endpoint, EndpointCase.Kind kind, Party mine, Credential? who, (Slot Slot, string Value)? swapped, CancellationToken ct)
    {
        var recipe = recipes.Of(endpoint);
        // What ends sessions or changes passwords does so to somebody who is used for nothing else.
        var person = who is null && endpoint.Rule.Permission is null && (endpoint.Rule.AnyUser || recipe.Fields is not null)
            ? await people.NewAsync(mine.Slug, "owner", ct)
            : null;
        var own = SlotsOf(endpoint).Where(slot => slot != swapped?.Slot).ToList();
        var values = new Dictionary<Slot, string>();
        foreach (var slot in own.Where(slot => !Kinds.IsCursor(slot.Kind)))
        {
            // A customer's things belong to the customer who was last.
            var fresh = endpoint.IsUnsafe || recipe.Prepare is not null || (kind == EndpointCase.Kind.EndUser && Kinds.IsOfEndUser(slot.Kind));
            values[slot] = fresh ? await mine.MakeAsync(slot.Kind, ct) : await mine.KeptAsync(slot.Kind, ct);
        }
        if (recipe.Prepare is not null && swapped is null)
        {
            await recipe.Prepare(mine, values.ToDictionary(v => v.Key.Kind, v => v.Value), ct);
        }
        // A list that is not one's own has no cursor of one's own.
        foreach (var slot in own.Where(slot => Kinds.IsCursor(slot.Kind) && swapped?.Slot.Place != SlotPlace.Path))
        {
            values[slot] = await CursorAsync(endpoint, kind, mine, slot, values, ct);
        }
        // What the recipe says goes over what was made, but never over what is tried.
        var fields = recipe.Fields is null ? [] : await recipe.Fields(new Attempt(endpoint, mine, person?.Email ?? mine.NewEmail()), ct);
        foreach (var slot in values.Keys.Where(slot => slot.Place == SlotPlace.Body && fields.ContainsKey(slot.Name)).ToList())
        {
            values.Remove(slot);
        }
        if (swapped is { } foreign)
        {
            values[foreign.Slot] = foreign.Value;
        }
        var call = RequestBuilder.Build(endpoint, values, await BodyAsync(endpoint, mine, fields, ct), mine, recipe);
        return (call, kind == EndpointCase.Kind.Nobody ? Credential.Nobody : who ?? person?.Credential ?? Of(mine, kind));
    }

    /// <summary>A request with things that are kept: for who is refused anyway.</summary>
    internal async Task<Call> KeptRequestAsync(EndpointCase endpoint, Party mine, CancellationToken ct)
    {
        var values = new Dictionary<Slot, string>();
        foreach (var slot in SlotsOf(endpoint).Where(slot => !Kinds.IsCursor(slot.Kind)))
        {
            values[slot] = await mine.KeptAsync(slot.Kind, ct);
        }
        return RequestBuilder.Build(endpoint, values, await BodyAsync(endpoint, mine, [], ct), mine, recipes.Of(endpoint));
    }

    /// <summary>What the other would put there itself, in a state where it would work for the other.</summary>
    internal async Task<string> OtherValueAsync(Party other, EndpointCase endpoint, EndpointCase.Kind caller, Slot slot, CancellationToken ct)
    {
        if (!Kinds.IsCursor(slot.Kind))
        {
            return _prepared.TryGetValue((other, endpoint.Name + slot.Name), out var prepared) ? prepared : await other.KeptAsync(slot.Kind, ct);
        }
        var values = new Dictionary<Slot, string>();
        foreach (var path in SlotsOf(endpoint).Where(s => s.Place == SlotPlace.Path))
        {
            values[path] = await other.KeptAsync(path.Kind, ct);
        }
        return await CursorAsync(endpoint, caller, other, slot, values, ct);
    }

    /// <summary>Makes what <see cref="OtherValueAsync"/> will give, before the other's rows are watched.</summary>
    internal async Task PrepareOtherAsync(Party other, EndpointCase endpoint, Slot slot, CancellationToken ct)
    {
        if (recipes.Of(endpoint).Prepare is not { } prepare || Kinds.IsCursor(slot.Kind))
        {
            return;
        }
        var id = await other.MakeAsync(slot.Kind, ct);
        await prepare(other, new Dictionary<string, string> { [slot.Kind] = id }, ct);
        _prepared[(other, endpoint.Name + slot.Name)] = id;
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

    private async Task<string> CursorAsync(
        EndpointCase endpoint, EndpointCase.Kind caller, Party party, Slot slot, Dictionary<Slot, string> values, CancellationToken ct)
    {
        var path = RequestBuilder.PathOf(endpoint, values, party);
        var more = recipes.Of(endpoint).Query is { } query ? "&" + query : "";
        if (slot.Kind == Kinds.FeedCursor)
        {
            var feed = await client.SendAsync(Of(party, caller), new Call("GET", path) { ReadFor = FeedPatience }, ct);
            return feed.Body.Split('\n').FirstOrDefault(line => line.StartsWith("id:", StringComparison.Ordinal))?[3..].Trim()
                ?? throw new ProofException("The feed gives no cursor: " + feed.Short);
        }
        var page = await client.GetAsync(Of(party, caller), "GET", path + "?limit=1" + more, null, ct);
        return page["next"]?.GetValue<string>()
            ?? throw new ProofException($"GET {path}?limit=1 has no second page, so its cursor cannot be proven: {page.ToJsonString()}");
    }
}
