using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Identity;
using Parley.Identity.Workspaces;
using Parley.Platform.Objects;
using Parley.Testkit;
using Parley.Tests.Integration.Conversations;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Privacy;

public sealed class WorkspaceTests(WidgetWorldFixture fixture) : IClassFixture<WidgetWorldFixture>, IAsyncLifetime
{
    private readonly WidgetWorld _world = fixture.World;
    private WidgetTenant _tenant = null!;
    private SignedIn _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _tenant = await _world.TenantAsync();
        _owner = await _tenant.AgentAsync("owner");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private TestDatabase Database => _world.Host.Database;

    private string Name => "Tenant " + _tenant.Tenant.Slug;

    [Fact]
    public async Task Every_table_of_a_tenant_is_in_the_archive_or_left_out_for_a_reason()
    {
        var tables = await Footprints.OfTenantsAsync(Database.Everything);
        var exported = ExportCatalogue.Tables.Select(t => t.Name).Where(name => !name.StartsWith("v_", StringComparison.Ordinal)).ToList();
        exported.Intersect(ExportCatalogue.LeftOut.Keys).ShouldBeEmpty();
        // Global tables in which a workspace's id stands hold passwords and sessions of people.
        exported.Concat(ExportCatalogue.LeftOut.Keys).ShouldBe(tables.Except(["user_sessions", "password_links"]), ignoreOrder: true);
        ExportCatalogue.LeftOut.Values.ShouldAllBe(reason => reason.Length > 5);
    }

    [Fact]
    public async Task An_archive_holds_everything_but_secrets_and_its_link_works_once_for_who_asked()
    {
        var visitor = await _tenant.VisitorAsync();
        await visitor.StartAsync("Wo bleibt der Zug nach Köln? 🚆");
        var key = await _tenant.Tenant.ApiKeyAsync("members:read");
        var identity = await (await _owner.Client.PostAsJsonAsync("/v1/identity-keys", new { name = "Shop" })).JsonAsync();
        var objects = _world.Host.Services.GetRequiredService<ObjectStore>();
        var file = await objects.PutAsync(_tenant.Tenant.Id, new MemoryStream("a file"u8.ToArray()), "text/plain", default);
        await Database.Tenants.InTransactionAsync(_tenant.Tenant.Id, s => objects.RecordAsync(s, file, "text/plain"), default);

        var export = await ExportAsync();
        export.GetProperty("files").GetInt64().ShouldBe(1);
        var link = (await LinkAsync(_owner.Client, export)).GetProperty("path").GetString()!;
        var second = await _tenant.AgentAsync("owner");
        await (await second.Client.GetAsync(link)).ShouldFailAsync(400, "invalid", "once");
        await (await second.Client.PostAsync($"/v1/workspace/exports/{export.GetProperty("id").GetGuid()}/link", null)).ShouldFailAsync(403, "export.not_yours");
        var bytes = await _owner.Client.GetByteArrayAsync(link);
        await (await _owner.Client.GetAsync(link)).ShouldFailAsync(400, "invalid", "once");

        using var zip = new ZipArchive(new MemoryStream(bytes));
        var manifest = JsonSerializer.Deserialize<JsonElement>(Read(zip, "manifest.json"));
        foreach (var listed in manifest.GetProperty("files").EnumerateArray())
        {
            var content = Read(zip, listed.GetProperty("path").GetString()!);
            Convert.ToHexStringLower(SHA256.HashData(content)).ShouldBe(listed.GetProperty("sha256").GetString());
            content.LongLength.ShouldBe(listed.GetProperty("bytes").GetInt64());
            if (listed.GetProperty("rows").ValueKind == JsonValueKind.Number)
            {
                var lines = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                lines.LongLength.ShouldBe(listed.GetProperty("rows").GetInt64());
                lines.ShouldAllBe(line => JsonSerializer.Deserialize<JsonElement>(line, (JsonSerializerOptions?)null).GetProperty("tenant_id").GetGuid() == _tenant.Tenant.Id);
            }
        }
        zip.Entries.Select(e => e.FullName).ShouldBe([.. ExportCatalogue.Tables.Select(t => $"data/{t.Name}.jsonl"), "files/" + Convert.ToHexStringLower(file.Hash), "README.txt", "manifest.json"]);
        Encoding.UTF8.GetString(Read(zip, "data/message_parts.jsonl")).ShouldContain("Köln");
        Read(zip, "files/" + Convert.ToHexStringLower(file.Hash)).ShouldBe("a file"u8.ToArray());
        var all = string.Concat(zip.Entries.Select(e => Encoding.UTF8.GetString(Read(zip, e.FullName))));
        foreach (var secret in new[] { key.Key, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Key))), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(visitor.Token))), identity.GetProperty("secret").GetString()! })
        {
            all.ShouldNotContain(secret, Case.Insensitive);
        }
        (await _tenant.QueryAsync<string>("select action from audit where target_kind = 'export' order by at")).ShouldBe(["workspace.export_started", "workspace.export_downloaded"]);
    }

    [Fact]
    public async Task An_archive_is_gone_after_a_week_and_needs_every_permission_to_read()
    {
        var some = await _tenant.Tenant.ApiKeyAsync("privacy:write", "members:read");
        await (await _world.Host.Client(some.Key).PostAsync("/v1/workspace/exports", null)).ShouldFailAsync(403, "export.needs_all");
        var export = await ExportAsync();
        var id = export.GetProperty("id").GetGuid();
        var hash = (await _tenant.QueryAsync<byte[]>("select object_hash from workspace_exports")).Single();
        var exports = _world.Host.Services.GetRequiredService<WorkspaceExports>();
        await exports.ExpireAsync(_tenant.Tenant.Id, default);
        var objects = _world.Host.Services.GetRequiredService<ObjectStore>();
        (await objects.HoldsAsync(_tenant.Tenant.Id, hash, default)).ShouldBeTrue();
        await _tenant.QueryAsync<int>("update workspace_exports set expires_at = @past returning 1", new { past = _world.Host.Time.GetUtcNow().AddMinutes(-1) });
        await (await _owner.Client.PostAsync($"/v1/workspace/exports/{id}/link", null)).ShouldFailAsync(409, "export.not_ready");
        await exports.ExpireAsync(_tenant.Tenant.Id, default);
        (await objects.HoldsAsync(_tenant.Tenant.Id, hash, default)).ShouldBeFalse();
        (await _tenant.QueryAsync<int>("select count(*)::int from objects")).Single().ShouldBe(0);
        (await _owner.Client.GetJsonAsync($"/v1/workspace/exports/{id}")).GetProperty("state").GetString().ShouldBe("expired");
    }

    [Fact]
    public async Task A_workspace_goes_whole_and_its_neighbour_keeps_everything()
    {
        var visitor = await _tenant.VisitorAsync();
        await visitor.StartAsync("Where is my order?");
        await ExportAsync();
        var key = await _tenant.Tenant.ApiKeyAsync("members:read");
        var neighbour = await _world.TenantAsync();
        await (await neighbour.VisitorAsync()).StartAsync("Hello");
        var theirs = await Footprints.WithRowsAsync(Database.Everything, neighbour.Tenant.Id);

        async Task<HttpResponseMessage> AskAsync(HttpClient client, string confirm, string? password) => await client.PostAsJsonAsync("/v1/workspace/delete", new { confirm, password });
        await (await AskAsync(_owner.Client, Name + "!", IdentityHost.Password)).ShouldFailAsync(400, "invalid", "confirm");
        await (await AskAsync(_owner.Client, Name, "another password")).ShouldFailAsync(400, "invalid", "password");
        await (await AskAsync((await _tenant.AgentAsync("manager")).Client, Name, IdentityHost.Password)).ShouldFailAsync(403, "forbidden");
        (await AskAsync(_owner.Client, Name, IdentityHost.Password)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        // From this moment on nothing opens it, however long its rows take to go.
        (await _owner.Client.GetAsync("/v1/members")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _world.Host.Client(key.Key).GetAsync("/v1/members")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await visitor.Client.GetAsync("/v1/widget/conversations")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        for (var i = 0; i < 600 && (await Footprints.WithRowsAsync(Database.Everything, _tenant.Tenant.Id)).Count > 0; i++)
        {
            await Task.Delay(50);
        }
        (await Footprints.WithRowsAsync(Database.Everything, _tenant.Tenant.Id)).ShouldBeEmpty();
        (await Database.System.QueryAsync<Guid>("select id from workspace_by_slug(@Slug)", new { _tenant.Tenant.Slug }, default)).ShouldBeEmpty();
        (await Database.System.QueryAsync<Guid>("select id from user_by_email(@Email)", new { _owner.Email }, default)).ShouldBeEmpty("the account belonged to it alone");
        var folder = Path.Combine(_world.Host.DataDirectory, "objects", _tenant.Tenant.Id.ToString("N"));
        for (var i = 0; i < 200 && Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(); i++)
        {
            await Task.Delay(50);
        }
        (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any()).ShouldBeFalse();
        (await Footprints.WithRowsAsync(Database.Everything, neighbour.Tenant.Id)).ShouldBe(theirs);
    }

    [Fact]
    public async Task The_operator_deletes_one_by_its_slug_and_name_and_what_was_cut_off_goes_on()
    {
        var deletion = _world.Host.Services.GetRequiredService<WorkspaceDeletion>();
        (await deletion.DeleteAsync("no-such", Name, default)).Error!.Status.ShouldBe(404);
        (await deletion.DeleteAsync(_tenant.Tenant.Slug, "Another", default)).Error!.Message.ShouldContain(Name);
        // As if a node had died right after it was closed, and before anything was deleted.
        await Database.System.ExecuteAsync("select workspace_close(@Id, now())", new { _tenant.Tenant.Id }, default);
        (await deletion.DeleteAsync(_tenant.Tenant.Slug, Name, default)).Value.ShouldBe(Name);
        (await Footprints.WithRowsAsync(Database.Everything, _tenant.Tenant.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task With_a_second_factor_its_code_is_asked_for_too()
    {
        var begun = await (await _owner.Client.PostAsJsonAsync("/v1/auth/second-factor", new { password = IdentityHost.Password })).JsonAsync();
        var secret = FromBase32(begun.GetProperty("secret").GetString()!);
        string Code(int step) => Totp.Code(secret, Totp.StepAt(_world.Host.Time.GetUtcNow()) + step);
        (await _owner.Client.PostAsJsonAsync("/v1/auth/second-factor/confirm", new { passcode = Code(0) })).EnsureSuccessStatusCode();
        await (await _owner.Client.PostAsJsonAsync("/v1/workspace/erase-conversations", new { confirm = Name, password = IdentityHost.Password })).ShouldFailAsync(400, "invalid", "passcode");
        await (await _owner.Client.PostAsJsonAsync("/v1/workspace/erase-conversations", new { confirm = Name, password = IdentityHost.Password, passcode = "000000" })).ShouldFailAsync(400, "invalid", "passcode");
        (await _owner.Client.PostAsJsonAsync("/v1/workspace/erase-conversations", new { confirm = Name, password = IdentityHost.Password, passcode = Code(1) })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    private async Task<JsonElement> ExportAsync()
    {
        using var begun = await _owner.Client.PostAsync("/v1/workspace/exports", null);
        ((int)begun.StatusCode).ShouldBe(202, await begun.Content.ReadAsStringAsync());
        var path = "/v1/workspace/exports/" + (await begun.JsonAsync()).GetProperty("id").GetGuid();
        var export = await _owner.Client.GetJsonAsync(path);
        for (var i = 0; i < 600 && export.GetProperty("state").GetString() is "queued" or "running"; i++)
        {
            await Task.Delay(50);
            export = await _owner.Client.GetJsonAsync(path);
        }
        export.GetProperty("state").GetString().ShouldBe("ready");
        return export;
    }

    private static async Task<JsonElement> LinkAsync(HttpClient client, JsonElement export)
    {
        using var response = await client.PostAsync($"/v1/workspace/exports/{export.GetProperty("id").GetGuid()}/link", null);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private static byte[] Read(ZipArchive zip, string path)
    {
        using var stream = zip.GetEntry(path)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static byte[] FromBase32(string text)
    {
        var (bits, count, bytes) = (0, 0, new List<byte>());
        foreach (var c in text)
        {
            (bits, count) = ((bits << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), count + 5);
            if (count >= 8)
            {
                count -= 8;
                bytes.Add((byte)(bits >> count));
                bits &= (1 << count) - 1;
            }
        }
        return [.. bytes];
    }
}
