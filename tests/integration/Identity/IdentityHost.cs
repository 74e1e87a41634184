using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Testkit;
using Shouldly;

namespace Parley.Tests.Integration.Identity;

/// <summary>What tests of this module do again and again, said as intent.</summary>
internal static class IdentityHost
{
    internal const string Password = "correct horse battery";
    private static int _count;

    /// <summary>Hashing at full cost would only warm the room: the cost has a unit test of its own.</summary>
    internal static Task<ParleyHost> StartAsync(PostgresFixture postgres, int signInsPerMinute = 100_000, TestDatabase? database = null, NodeRole role = NodeRole.All) =>
        ParleyHost.StartAsync(postgres, services => services.Configure<IdentityOptions>(options =>
        {
            options.PasswordIterations = 1000;
            options.SignInsPerMinute = signInsPerMinute;
        }), database, role);

    internal static async Task<TestTenant> TenantAsync(this ParleyHost host)
    {
        var slug = "tenant-" + Interlocked.Increment(ref _count);
        var id = (await host.Services.GetRequiredService<Bootstrap>().CreateTenantAsync(slug, "Tenant " + slug, demo: false, default)).Value;
        return new TestTenant(host, id, slug);
    }

    internal static string NewEmail() => $"person-{Interlocked.Increment(ref _count)}@example.com";

    internal static async Task<HttpResponseMessage> SignInAsync(this HttpClient client, string email, string password) =>
        await client.PostAsJsonAsync("/v1/auth/sign-in", new { email, password });

    /// <summary>The session's token, as a browser keeps it.</summary>
    internal static async Task<string> TokenAsync(this ParleyHost host, string email, string password)
    {
        using var response = await host.Client().SignInAsync(email, password);
        return response.SessionToken();
    }

    internal static string SessionToken(this HttpResponseMessage response)
    {
        var cookie = response.EnsureSuccessStatusCode().Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldStartWith("parley_session=");
        return cookie["parley_session=".Length..cookie.IndexOf(';', StringComparison.Ordinal)];
    }

    internal static HttpClient WithCookie(this ParleyHost host, string token)
    {
        var client = host.Client();
        client.DefaultRequestHeaders.Add("Cookie", "parley_session=" + token);
        return client;
    }

    internal static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());

    internal static async Task<JsonElement> GetJsonAsync(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        ((int)response.StatusCode).ShouldBe(200, path + ": " + await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    internal static async Task ShouldFailAsync(this HttpResponseMessage response, int status, string code, string? field = null)
    {
        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, body);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonSerializer.Deserialize<JsonElement>(body);
        problem.GetProperty("code").GetString().ShouldBe(code);
        if (field is not null)
        {
            problem.GetProperty("errors").EnumerateObject().Select(property => property.Name).ShouldContain(field, body);
        }
    }
}

/// <summary>A tenant of one test.</summary>
internal sealed record TestTenant(ParleyHost Host, Guid Id, string Slug)
{
    /// <summary>The operator's client in this tenant: for making what a test needs.</summary>
    internal HttpClient Operator() => Host.OperatorClient(Slug);

    /// <summary>A member who has signed in and changed the first password; the client carries the cookie and the CSRF header.</summary>
    internal async Task<SignedIn> MemberAsync(string role)
    {
        var email = IdentityHost.NewEmail();
        var (id, temporary) = await AddAsync(email, role);
        var token = await Host.TokenAsync(email, temporary);
        var client = Host.WithCookie(token);
        client.DefaultRequestHeaders.Add(Access.CsrfHeader, "1");
        (await client.PostAsJsonAsync("/v1/auth/password", new { current = temporary, next = IdentityHost.Password })).EnsureSuccessStatusCode();
        return new SignedIn(client, id, email, token);
    }

    internal async Task<(Guid Id, string TemporaryPassword)> AddAsync(string email, string role)
    {
        using var response = await Operator().PostAsJsonAsync("/v1/members", new { email, name = "Member of " + Slug, role });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        var added = await response.JsonAsync();
        return (added.GetProperty("userId").GetGuid(), added.GetProperty("temporaryPassword").GetString()!);
    }

    internal async Task<(Guid Id, string Key)> ApiKeyAsync(params string[] scopes)
    {
        using var response = await Operator().PostAsJsonAsync("/v1/api-keys", new { name = "Key of " + Slug, scopes });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        var made = await response.JsonAsync();
        return (made.GetProperty("id").GetGuid(), made.GetProperty("key").GetString()!);
    }
}

internal sealed record SignedIn(HttpClient Client, Guid UserId, string Email, string Token);
