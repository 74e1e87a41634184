using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Parley.Inference.Providers.Batches;

/// <summary>Stands in for the network under a chat client, so that a request in a file is what a call alone would send, and an answer from a file is read as one.</summary>
internal sealed class WireTape : DelegatingHandler
{
    private readonly byte[]? _answer;

    private WireTape(byte[]? answer) => _answer = answer;

    /// <summary>What was sent; null: nothing yet.</summary>
    internal string? Sent { get; private set; }

    /// <summary>Keeps the request and ends the call.</summary>
    internal static WireTape Recording() => new(null);

    /// <summary>Answers with this body.</summary>
    internal static WireTape Playing(string body) => new(Encoding.UTF8.GetBytes(body));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Sent = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        return _answer is null
            ? throw new IOException("The request is recorded.")
            : new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new ByteArrayContent(_answer) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
    }
}
