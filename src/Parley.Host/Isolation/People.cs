using Parley.Platform.Authorization;

namespace Parley.Host.Isolation;

/// <summary>A member who is signed in.</summary>
internal sealed record Person(Credential Credential, string Email);

/// <summary>Makes members and keys of the throw-away tenants, as the instance's operator would.</summary>
internal sealed class People(ProofClient client, IServiceProvider services)
{
    private readonly string _operatorToken = services.GetRequiredService<LocalOperatorToken>().Value;
    private readonly Dictionary<string, Credential> _kept = new(StringComparer.Ordinal);

    /// <summary>A new member of a role, signed in, the first password changed.</summary>
    internal async Task<Person> NewAsync(string slug, string role, CancellationToken ct)
    {
        var email = $"{Guid.CreateVersion7():N}@example.com";
        var added = await OperatorAsync(slug, "/v1/members", new { email, name = "Isolation proof", role }, ct);
        var temporary = Party.Text(added, "temporaryPassword");
        var session = await SignInAsync(email, temporary, ct);
        await client.GetAsync(session, "POST", "/v1/auth/password", new { current = temporary, next = Recipes.Password }, ct);
        return new Person(session, email);
    }

    /// <summary>One member of that role for all endpoints.</summary>
    internal async Task<Credential> OfRoleAsync(string slug, string role, CancellationToken ct) =>
        _kept.TryGetValue(slug + role, out var kept) ? kept : _kept[slug + role] = (await NewAsync(slug, role, ct)).Credential;

    /// <summary>An API key with these scopes.</summary>
    internal async Task<Credential> KeyAsync(string slug, IReadOnlyCollection<string> scopes, CancellationToken ct)
    {
        var name = slug + string.Join(' ', scopes);
        return _kept.TryGetValue(name, out var kept)
            ? kept
            : _kept[name] = new Credential(null, Party.Text(await OperatorAsync(slug, "/v1/api-keys", new { name = "Isolation proof", scopes }, ct), "key"));
    }

    private async Task<Credential> SignInAsync(string email, string password, CancellationToken ct)
    {
        var reply = await client.SendAsync(Credential.Nobody, new Call("POST", "/v1/auth/sign-in") { Body = new System.Text.Json.Nodes.JsonObject { ["email"] = email, ["password"] = password } }, ct);
        const string cookie = "parley_session=";
        var start = reply.Headers.IndexOf(cookie, StringComparison.Ordinal);
        return reply.IsSuccess && start >= 0
            ? new Credential(reply.Headers[(start + cookie.Length)..reply.Headers.IndexOf(';', start)], null)
            : throw new ProofException("Sign-in failed: " + reply.Short);
    }

    private async Task<System.Text.Json.Nodes.JsonNode> OperatorAsync(string slug, string path, object body, CancellationToken ct)
    {
        var call = new Call("POST", path)
        {
            Body = System.Text.Json.JsonSerializer.SerializeToNode(body, System.Text.Json.JsonSerializerOptions.Web),
            Headers = new Dictionary<string, string> { [LocalOperatorToken.TenantHeader] = slug },
        };
        var reply = await client.SendAsync(new Credential(null, _operatorToken), call, ct);
        return reply.IsSuccess ? reply.Json! : throw new ProofException($"POST {path} as operator answered {reply.Short}");
    }
}
