using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Data;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>What tests of knowledge do again and again, said as intent.</summary>
internal static class KnowledgeWorld
{
    internal static async Task<JsonElement> CreateImportAsync(this HttpClient client, string name, string mode = "complete", string? canonical = null, string? audience = null, Guid? sourceId = null)
    {
        using var response = await client.PostAsJsonAsync("/v1/knowledge/imports", new { name, mode, canonical = sourceId is null ? canonical ?? name : null, audience, sourceId });
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    internal static async Task<HttpResponseMessage> UploadAsync(this HttpClient client, Guid importId, params (string Path, byte[] Content)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (path, content) in files)
            form.Add(new ByteArrayContent(content), "files", path);
        return await client.PostAsync($"/v1/knowledge/imports/{importId}/files", form);
    }

    internal static (string, byte[]) File(string path, string text) => (path, Encoding.UTF8.GetBytes(text));

    /// <summary>The whole way: create, upload, start, wait for the end.</summary>
    internal static async Task<JsonElement> ImportAsync(this HttpClient client, string name, string mode, params (string Path, byte[] Content)[] files)
    {
        var import = await client.CreateImportAsync(name, mode);
        var id = import.GetProperty("id").GetGuid();
        foreach (var batch in files.Chunk(100))
        {
            using var uploaded = await client.UploadAsync(id, batch);
            ((int)uploaded.StatusCode).ShouldBe(200, await uploaded.Content.ReadAsStringAsync());
        }
        using var started = await client.PostAsync($"/v1/knowledge/imports/{id}/start", null);
        ((int)started.StatusCode).ShouldBe(202, await started.Content.ReadAsStringAsync());
        return await client.EndAsync(id);
    }

    internal static async Task<JsonElement> EndAsync(this HttpClient client, Guid importId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var import = await client.GetJsonAsync($"/v1/knowledge/imports/{importId}");
            if (import.GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled")
                return import;
            await Task.Delay(20, patience.Token);
        }
    }

    internal static async Task<IReadOnlyList<JsonElement>> DocumentsAsync(this HttpClient client, Guid sourceId)
    {
        var all = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await client.GetJsonAsync($"/v1/knowledge/documents?sourceId={sourceId}&limit=100" + (cursor is null ? "" : "&cursor=" + cursor));
            all.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return all;
    }

    internal static Task<RetrievalResult> SearchAsync(this ParleyHost host, Guid tenantId, string question, RetrievalFilter? filter = null) =>
        host.Services.GetRequiredService<KnowledgeSearch>().SearchAsync(tenantId, new RetrievalQuery { Text = question, Filter = filter ?? RetrievalFilter.None }, default);

    internal static Task<IReadOnlyList<Evidence>> EvidenceAsync(this ParleyHost host, Guid tenantId, RetrievalResult result, IReadOnlyCollection<string>? audiences = null) =>
        host.Services.GetRequiredService<TenantDb>().InTransactionAsync(tenantId, s => EvidenceReader.ReadAsync(s, [.. result.Chunks.Select(c => (c.Id, c.Version))], audiences), default);

    internal static int Int(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    internal static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();
}
