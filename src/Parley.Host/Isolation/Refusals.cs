using Parley.Platform.Authorization;

namespace Parley.Host.Isolation;

/// <summary>Who may call an endpoint succeeds, and everybody else is refused: nobody, customers, each role, keys by scope, other sites' pages.</summary>
internal sealed class Refusals(ProofClient client, People people, Recipes recipes, Preparation preparation, List<string> failures)
{
    /// <summary>The positive control: with its own ids it works, for everybody it is made for.</summary>
    internal async Task SucceedAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party mine, CancellationToken ct)
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

    internal async Task RefuseAsync(EndpointCase endpoint, Party mine, CancellationToken ct)
    {
        if (endpoint.Rule is { Permission: null, AnyUser: false })
        {
            return;
        }
        var call = await preparation.KeptRequestAsync(endpoint, mine, ct);
        await RefusedAsync(endpoint, Credential.Nobody, call, 401, "nobody", ct);
        if (endpoint.IsForEndUsers)
        {
            await RefusedAsync(endpoint, mine.Owner, call, 403, "a member of the console", ct);
        }
        else if (endpoint.Rule.AnyUser)
        {
            await RefusedAsync(endpoint, await people.KeyAsync(mine.Slug, Permission.All, ct), call, 401, "an API key", ct);
        }
        else if (!endpoint.Callers.Contains(EndpointCase.Kind.EndUser) && mine.EndUser != Credential.Nobody)
        {
            await RefusedAsync(endpoint, mine.EndUser, call, 403, "a customer", ct);
        }
        if (!endpoint.IsForEndUsers && endpoint.Rule.Permission is not null)
        {
            await RefuseByPermissionAsync(endpoint, mine, call, ct);
        }
        if (endpoint.IsUnsafe && !endpoint.IsForEndUsers)
        {
            await RefusedAsync(endpoint, mine.Owner, call with { Csrf = false }, 403, "a page of another site", ct);
        }
    }

    private async Task RefuseByPermissionAsync(EndpointCase endpoint, Party mine, Call call, CancellationToken ct)
    {
        string[] needed = [endpoint.Rule.Permission!, .. endpoint.Rule.Or];
        await RefusedAsync(endpoint, await people.KeyAsync(mine.Slug, [.. Permission.All.Except(needed)], ct), call, 403, "a key with every other scope", ct);
        foreach (var (role, _) in Permission.BuiltInRoles.Where(r => !needed.Any(r.Value.Contains)))
        {
            await RefusedAsync(endpoint, await people.OfRoleAsync(mine.Slug, role, ct), call, 403, $"the role {role}", ct);
        }
    }

    private async Task RefusedAsync(EndpointCase endpoint, Credential who, Call call, int status, string name, CancellationToken ct)
    {
        var reply = await client.SendAsync(who, call, ct);
        if (reply.Status != status)
        {
            failures.Add($"{endpoint}: {name} should be refused with {status}, but got {reply.Short}");
        }
    }

    private async Task SucceedAsync(EndpointCase endpoint, EndpointCase.Kind caller, Party mine, Credential? who, string with, bool strict, CancellationToken ct)
    {
        var (call, credential) = await preparation.RequestAsync(endpoint, caller, mine, who, null, ct);
        var reply = await client.SendAsync(credential, call, ct);
        var passed = reply.IsSuccess || recipes.Of(endpoint).AlsoFine.Contains(reply.Status)
            // Past the access rule, then rightly refused for wanting to hand out more than the key holds.
            || (!strict && reply.Status is 400 or 403 && reply.Json?["code"]?.GetValue<string>() is not ("forbidden" or "unauthenticated"));
        if (!passed)
        {
            failures.Add($"{endpoint}: does not work with {with} (no positive control): {call.Path} {call.Body?.ToJsonString()} answered {reply.Short}");
        }
    }
}
