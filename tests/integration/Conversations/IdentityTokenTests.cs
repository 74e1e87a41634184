using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Conversations;

/// <summary>Who says that a visitor is somebody, and what is believed. Tokens are made here by hand, as an attacker would.</summary>
public sealed class IdentityTokenTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;
    private HttpClient _owner = null!;

    private DateTimeOffset Now => _world.Host.Time.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _tenant = await _world.TenantAsync();
        _owner = _tenant.Tenant.Operator();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_token_of_the_companys_server_makes_the_session_that_persons()
    {
        var key = await KeyAsync();
        var session = await StartedAsync(key.Sign(new { sub = "user-42", email = "Ana@Example.com", name = "Ana Lima", exp = In(30) }));
        session.GetProperty("verified").GetBoolean().ShouldBeTrue();
        (session.GetProperty("expiresAt").GetDateTimeOffset() - Now).ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(24));
        var conversation = await VisitorOf(session).StartAsync("Where is my invoice?");
        var seen = (await _owner.GetJsonAsync($"/v1/conversations/{conversation}")).GetProperty("endUser");
        (seen.String("name"), seen.String("email"), seen.GetProperty("verified").GetBoolean()).ShouldBe(("Ana Lima", "ana@example.com", true));
        // The same person again, from another device: the same conversations.
        var again = await StartedAsync(key.Sign(new { sub = "user-42", exp = In(30) }));
        again.GetProperty("endUserId").GetGuid().ShouldBe(session.GetProperty("endUserId").GetGuid());
        (await VisitorOf(again).Client.GetJsonAsync("/v1/widget/conversations")).GetProperty("items")[0].GetProperty("id").GetGuid().ShouldBe(conversation);
        (await _owner.GetJsonAsync("/v1/identity-keys")).GetProperty("items")[0].GetProperty("lastUsedAt").ValueKind.ShouldNotBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Nothing_but_HS256_by_a_key_of_this_workspace_is_believed()
    {
        var key = await KeyAsync();
        var claims = new { sub = "user-42", exp = In(30) };
        var foreign = await KeyAsync(await _world.TenantAsync());
        var token = key.Sign(claims);
        string[] forged =
        [
            Key.Encode(new { alg = "none", kid = key.Id }) + "." + Key.Encode(claims) + ".",
            Key.Encode(new { alg = "none", kid = key.Id }) + "." + Key.Encode(claims) + "." + token.Split('.')[2],
            key.Sign(claims, alg: "HS512"), key.Sign(claims, alg: "HS384"), key.Sign(claims, alg: "RS256"), key.Sign(claims, alg: "hs256"),
            key.Sign(claims, kid: Guid.CreateVersion7().ToString()), key.Sign(claims, kid: ""), key.Sign(claims, kid: "../" + key.Id),
            foreign.Sign(claims), foreign.Sign(claims, kid: key.Id.ToString()), (key with { Secret = "" }).Sign(claims), (key with { Secret = key.Id.ToString() }).Sign(claims),
            token[..^2], token + "x", token.Replace(token.Split('.')[1], Key.Encode(new { sub = "admin", exp = In(30) }), StringComparison.Ordinal),
            "", "x", "a.b.c", "....", new string('a', 5000), "\0", token + "\0",
        ];
        foreach (var one in forged)
        {
            await (await StartAsync(one)).ShouldFailAsync(401, "identity.refused");
        }
    }

    [Theory]
    [InlineData("""{"sub":"a"}""", "exp")]
    [InlineData("""{"sub":"a","exp":@-2}""", "expired")]
    [InlineData("""{"sub":"a","exp":@90}""", "longer than an hour")]
    [InlineData("""{"sub":"a","exp":@30,"nbf":@10}""", "not valid yet")]
    [InlineData("""{"exp":@30}""", "sub")]
    [InlineData("""{"sub":"","exp":@30}""", "sub")]
    [InlineData("""{"sub":"  ","exp":@30}""", "sub")]
    [InlineData("""{"sub":"a\u0000b","exp":@30}""", "sub")]
    [InlineData("""{"sub":{"a":1},"exp":@30}""", "")]
    [InlineData("""{"sub":"a","exp":"soon"}""", "")]
    public async Task Claims_that_are_missing_over_or_too_long_are_refused_with_their_mend(string claims, string says)
    {
        var key = await KeyAsync();
        var payload = System.Text.RegularExpressions.Regex.Replace(claims, "@(-?[0-9]+)", m => In(int.Parse(m.Groups[1].Value)).ToString());
        using var response = await StartAsync(key.SignText(payload));
        await response.ShouldFailAsync(401, "identity.refused");
        (await response.Content.ReadAsStringAsync()).ShouldContain(says);
    }

    [Fact]
    public async Task Clocks_may_differ_by_a_minute_and_no_more()
    {
        var key = await KeyAsync();
        (await StartAsync(key.Sign(new { sub = "a", exp = Now.AddSeconds(-40).ToUnixTimeSeconds() }))).EnsureSuccessStatusCode();
        await (await StartAsync(key.Sign(new { sub = "a", exp = Now.AddSeconds(-80).ToUnixTimeSeconds() }))).ShouldFailAsync(401, "identity.refused");
    }

    [Fact]
    public async Task A_revoked_key_ends_its_sessions_and_its_tokens_and_no_others()
    {
        var (old, fresh) = (await KeyAsync(), await KeyAsync());
        var token = old.Sign(new { sub = "ana", exp = In(50) });
        var (before, other) = (VisitorOf(await StartedAsync(token)), VisitorOf(await StartedAsync(fresh.Sign(new { sub = "bob", exp = In(50) }))));
        var stranger = await _tenant.VisitorAsync();
        (await _owner.DeleteAsync($"/v1/identity-keys/{old.Id}")).EnsureSuccessStatusCode();
        await (await before.Client.GetAsync("/v1/widget/conversations")).ShouldFailAsync(401, "unauthenticated");
        await (await StartAsync(token)).ShouldFailAsync(401, "identity.refused");
        (await other.Client.GetAsync("/v1/widget/conversations")).EnsureSuccessStatusCode();
        (await stranger.Client.GetAsync("/v1/widget/conversations")).EnsureSuccessStatusCode();
        (await _tenant.QueryAsync<string>("select name from secrets where name like 'identity:%'")).ShouldBe([$"identity:{fresh.Id}"]);
        // The person is who they were, by the other key.
        (await StartedAsync(fresh.Sign(new { sub = "ana", exp = In(50) }))).GetProperty("endUserId").GetGuid().ShouldBe(before.EndUserId);
    }

    [Fact]
    public async Task Nobody_becomes_somebody_else_by_what_they_have()
    {
        var key = await KeyAsync();
        var ana = VisitorOf(await StartedAsync(key.Sign(new { sub = "ana", exp = In(30) })));
        var secret = await ana.StartAsync("My card number is a secret");
        // Bob signs in on the same device, with Ana's session still there.
        var bob = VisitorOf(await StartedAsync(key.Sign(new { sub = "bob", exp = In(30) }), ana.Token));
        bob.EndUserId.ShouldNotBe(ana.EndUserId);
        bob.Token.ShouldNotBe(ana.Token);
        (await bob.Client.GetJsonAsync("/v1/widget/conversations")).GetProperty("items").GetArrayLength().ShouldBe(0);
        await (await bob.Client.GetAsync($"/v1/widget/conversations/{secret}")).ShouldFailAsync(404, "not_found");
        // What a stranger says of themselves makes them nobody: there is no way to say it without a key.
        var stranger = await _tenant.VisitorAsync();
        (await stranger.Client.GetJsonAsync("/v1/widget/conversations")).GetProperty("items").GetArrayLength().ShouldBe(0);
        // The same subject in another workspace is another person.
        var elsewhere = await _world.TenantAsync();
        var foreign = await KeyAsync(elsewhere);
        (await StartedAsync(foreign.Sign(new { sub = "ana", exp = In(30) }), null, elsewhere)).GetProperty("endUserId").GetGuid().ShouldNotBe(ana.EndUserId);
        // And Ana's session of one workspace says nothing in another.
        (await StartedAsync(null, ana.Token, elsewhere)).GetProperty("endUserId").GetGuid().ShouldNotBe(ana.EndUserId);
    }

    [Fact]
    public async Task The_same_person_keeps_the_session_and_use_alone_does_not_make_it_last()
    {
        var key = await KeyAsync();
        var session = await StartedAsync(key.Sign(new { sub = "ana", exp = In(30) }));
        var visitor = VisitorOf(session);
        _world.Host.Time.Advance(TimeSpan.FromHours(20));
        (await visitor.Client.GetAsync("/v1/widget/conversations")).EnsureSuccessStatusCode();
        var renewed = await StartedAsync(key.Sign(new { sub = "ana", exp = In(30) }), visitor.Token);
        renewed.String("token").ShouldBe(visitor.Token);
        renewed.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(session.GetProperty("expiresAt").GetDateTimeOffset());
        _world.Host.Time.Advance(TimeSpan.FromHours(20));
        // Without a new token it goes on, and does not last longer.
        ((await StartedAsync(null, visitor.Token)).GetProperty("expiresAt").GetDateTimeOffset() - renewed.GetProperty("expiresAt").GetDateTimeOffset()).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1), "the database keeps microseconds");
        _world.Host.Time.Advance(TimeSpan.FromHours(5));
        await (await visitor.Client.GetAsync("/v1/widget/conversations")).ShouldFailAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task Signing_out_ends_the_session_at_once()
    {
        var key = await KeyAsync();
        var visitor = VisitorOf(await StartedAsync(key.Sign(new { sub = "ana", exp = In(30) })));
        (await visitor.Client.DeleteAsync("/v1/widget/sessions")).EnsureSuccessStatusCode();
        await (await visitor.Client.GetAsync("/v1/widget/conversations")).ShouldFailAsync(401, "unauthenticated");
        (await StartedAsync(null, visitor.Token)).GetProperty("endUserId").GetGuid().ShouldNotBe(visitor.EndUserId);
    }

    private long In(int minutes) => Now.AddMinutes(minutes).ToUnixTimeSeconds();

    private async Task<Key> KeyAsync(WidgetTenant? of = null)
    {
        using var response = await (of ?? _tenant).Tenant.Operator().PostAsJsonAsync("/v1/identity-keys", new { name = "Production" });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        var made = await response.JsonAsync();
        return new Key(made.GetProperty("key").GetProperty("id").GetGuid(), made.String("secret")!);
    }

    private Task<HttpResponseMessage> StartAsync(string? identity, string? token = null, WidgetTenant? of = null) =>
        _world.Host.Client().PostAsJsonAsync("/v1/widget/sessions", new { key = (of ?? _tenant).Defaults.PublicKey, locale = "en", token, identity });

    private async Task<JsonElement> StartedAsync(string? identity, string? token = null, WidgetTenant? of = null)
    {
        using var response = await StartAsync(identity, token, of);
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private Visitor VisitorOf(JsonElement session) => new(_world.Host.Client(session.String("token")!), session.GetProperty("endUserId").GetGuid(), session.String("token")!);

    private sealed record Key(Guid Id, string Secret)
    {
        internal string Sign(object claims, string alg = "HS256", string? kid = null) => SignText(JsonSerializer.Serialize(claims), alg, kid);

        internal string SignText(string claims, string alg = "HS256", string? kid = null)
        {
            var signed = Encode(new { alg, typ = "JWT", kid = kid ?? Id.ToString() }) + "." + Base64(Encoding.UTF8.GetBytes(claims));
            var key = Encoding.UTF8.GetBytes(Secret);
            var signature = alg switch
            {
                "HS512" => HMACSHA512.HashData(key, Encoding.ASCII.GetBytes(signed)), "HS384" => HMACSHA384.HashData(key, Encoding.ASCII.GetBytes(signed)), _ => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)),
            };
            return signed + "." + Base64(signature);
        }

        internal static string Encode(object value) => Base64(JsonSerializer.SerializeToUtf8Bytes(value));

        private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
