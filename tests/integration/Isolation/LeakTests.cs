using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Parley.Host;
using Parley.Host.Instance;
using Parley.Host.Isolation;
using Parley.Identity;
using Parley.Platform.Authorization;
using Parley.Platform.Data;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Isolation;

/// <summary>The proof proven: in an application with holes of every sort it finds each one, and names the endpoint.</summary>
public sealed class LeakTests(PostgresFixture postgres)
{
    private const string Prefix = "/v1/leaky";

    [Fact]
    public async Task Every_hole_is_found_and_named()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        using var scratch = new ScratchFolder();
        await using var app = ParleyApp.Build(
            new InstanceOptions { DataDirectory = scratch.Path, Database = database.Options, MasterKey = database.Key, LogLevel = LogLevel.None },
            services =>
            {
                IsolationProof.LiftLimits(services);
                services.Configure<IdentityOptions>(options => options.PasswordIterations = 1000);
            });
        MapHoles(app, database.Everything);
        await app.StartAsync();
        var report = await new IsolationProof(app.Services, app.Address())
            .RunAsync(new Progress<string>(), endpoint => endpoint.Pattern.StartsWith(Prefix, StringComparison.Ordinal), default);
        await app.StopAsync();

        foreach (var (endpoint, complaint) in new[]
                 {
                     ("GET /v1/leaky/members/{userId:guid}", "gave away"),
                     ("GET /v1/leaky/members/{userId:guid}", "instead of 404 or 403"),
                     ("POST /v1/leaky/keys", "rows of the other changed in api_keys"),
                     ("GET /v1/leaky/keys", "Query 'cursor' of the other it gave away"),
                     ("GET /v1/leaky/tenant", "the header X-Parley-Tenant of the other it gave away"),
                     ("GET /v1/leaky/zebras/{zebraId:guid}", "Nobody knows what 'zebraId' names"),
                     ("POST /v1/leaky/zebras", "Nobody knows what 'herd.zebraId' names"),
                     ("POST /v1/leaky/never", "no positive control"),
                     ("GET /v1/leaky/raw", "reads the request by itself"),
                     ("POST /v1/leaky/broken/{userId:guid}", "it failed: 500"),
                     // Of the right tenant, but of another of its customers.
                     ("GET /v1/leaky/talk/{conversationId:guid}", "gave away"),
                     ("POST /v1/leaky/talk/{conversationId:guid}", "rows of the other changed in conversations"),
                 })
        {
            report.Failures.ShouldContain(f => f.StartsWith(endpoint + " ", StringComparison.Ordinal) && f.Contains(complaint, StringComparison.Ordinal),
                $"{endpoint}: {complaint}\n" + string.Join("\n", report.Failures));
        }
        // What is right is not blamed.
        report.Failures.ShouldNotContain(f => f.StartsWith("DELETE /v1/leaky/right/", StringComparison.Ordinal), string.Join("\n", report.Failures));
        report.Endpoints.ShouldBe(12);
    }

    private static void MapHoles(WebApplication app, NpgsqlDataSource everything)
    {
        var leaky = app.MapGroup(Prefix);
        MapCustomersHoles(leaky);
        leaky.MapGet("/members/{userId:guid}", async (Guid userId) => await QueryAsync(everything, "select name from users where id = @userId", new { userId }))
            .RequirePermission(Permission.MembersRead);
        leaky.MapPost("/keys", async (RenameKey request) =>
                await QueryAsync(everything, "update api_keys set name = 'renamed' where id = @ApiKeyId returning 'done'", request))
            .RequirePermission(Permission.ApiKeysWrite);
        leaky.MapGet("/keys", async (string? cursor, Caller caller) => new
            {
                Items = await QueryAsync(everything, "select name from api_keys where tenant_id = @tenant", new { tenant = cursor is null ? caller.TenantId : Guid.Parse(cursor) }),
                Next = caller.TenantId,
            })
            .RequirePermission(Permission.ApiKeysRead);
        leaky.MapGet("/tenant", async ([Microsoft.AspNetCore.Mvc.FromHeader(Name = "X-Parley-Tenant")] string? tenant, Caller caller) => await QueryAsync(everything,
                "select k.name from api_keys k join tenants t on t.id = k.tenant_id where t.slug = @tenant or (@tenant is null and t.id = @own)", new { tenant, own = caller.TenantId }))
            .RequirePermission(Permission.ApiKeysRead);
        leaky.MapGet("/zebras/{zebraId:guid}", (Guid zebraId) => zebraId).RequirePermission(Permission.MembersRead);
        leaky.MapPost("/zebras", (AddZebra request) => request.Herd.ZebraId).RequirePermission(Permission.MembersRead);
        leaky.MapPost("/never", (RenameKey request) => TypedResults.BadRequest(request.ApiKeyId)).RequirePermission(Permission.ApiKeysWrite);
        leaky.MapGet("/raw", (HttpContext http) => http.Request.Query["userId"].ToString()).RequirePermission(Permission.MembersRead);
        leaky.MapPost("/broken/{userId:guid}", async (Guid userId, Caller caller, TenantDb db, CancellationToken ct) =>
                await db.InTransactionAsync(caller.TenantId, session => session.QuerySingleAsync<string>("select name from v_members where user_id = @userId", new { userId }), ct))
            .RequirePermission(Permission.MembersWrite);
        leaky.MapDelete("/right/{userId:guid}", async Task<IResult> (Guid userId, Caller caller, TenantDb db, CancellationToken ct) =>
                await db.InTransactionAsync(caller.TenantId, session => session.ExecuteAsync("delete from memberships where user_id = @userId", new { userId }), ct) == 0
                    ? TypedResults.NotFound() : TypedResults.NoContent())
            .RequirePermission(Permission.MembersWrite);
    }

    private static void MapCustomersHoles(RouteGroupBuilder leaky)
    {
        leaky.MapGet("/talk/{conversationId:guid}", async Task<IResult> (Guid conversationId, Caller caller, TenantDb db, CancellationToken ct) =>
                await db.InTransactionAsync(caller.TenantId, session => session.QuerySingleOrDefaultAsync<string>("select subject from conversations where id = @conversationId", new { conversationId }), ct)
                    is { } subject ? TypedResults.Ok(subject) : TypedResults.NotFound())
            .RequirePermission(Permission.WidgetTalk);
        leaky.MapPost("/talk/{conversationId:guid}", async Task<IResult> (Guid conversationId, Caller caller, TenantDb db, CancellationToken ct) =>
                await db.InTransactionAsync(caller.TenantId, session => session.ExecuteAsync("update conversations set rating = 1 where id = @conversationId", new { conversationId }), ct) == 0
                    ? TypedResults.NotFound() : TypedResults.NoContent())
            .RequirePermission(Permission.WidgetTalk);
    }

    private static async Task<IReadOnlyList<string>> QueryAsync(NpgsqlDataSource everything, string sql, object args)
    {
        await using var connection = await everything.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>(sql, args)];
    }

    internal sealed record RenameKey(Guid ApiKeyId);

    internal sealed record AddZebra(Zebra Herd);

    internal sealed record Zebra(Guid ZebraId);
}
