using System.Net.Http.Json;
using Parley.Assistant;

namespace Parley.Host.Instance;

/// <summary>Lets a node do once what its first customers would otherwise wait for, before it says that it is ready.</summary>
internal static class WarmUp
{
    /// <summary>Readiness waits no longer than this, whatever is left to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal static async Task RunAsync(IServiceProvider services, Uri address, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        await Task.WhenAll(services.GetRequiredService<TurnWarmup>().RunAsync(Patience, ct), RequestAsync(address, limit.Token));
    }

    /// <summary>Requests that are refused: they go the way of the widget's first ones, and change nothing.</summary>
    private static async Task RequestAsync(Uri address, CancellationToken ct)
    {
        try
        {
            using var http = InstanceClient.Plain(address);
            (await http.PostAsJsonAsync("/v1/widget/sessions", new { key = "pw_none", locale = "en" }, ct)).Dispose();
            http.DefaultRequestHeaders.Authorization = new("Bearer", "ps_none");
            (await http.PostAsJsonAsync($"/v1/widget/conversations/{Guid.Empty}/messages", new { text = "none" }, ct)).Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The first customers' requests are slower, nothing more.
        }
    }
}
