using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Parley.Testkit;

/// <summary>
/// A collector on loopback that takes OTLP over HTTP with binary protobuf, as "OTLP/HTTP" of the OpenTelemetry Protocol Specification says
/// (POST /v1/traces and /v1/metrics, Content-Type application/x-protobuf, an empty 200 is a full success). It keeps what came.
/// </summary>
public sealed class OtlpDouble : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    private OtlpDouble(WebApplication app) => _app = app;

    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Everything that came to a path, as text: protobuf keeps its strings in UTF-8.</summary>
    public string Text(string path) => string.Concat(_received.Where(r => r.Path == path).Select(r => Encoding.UTF8.GetString(r.Body)));

    public static async Task<OtlpDouble> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var collector = new OtlpDouble(app);
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            var known = http.Request.Path.Value is "/v1/traces" or "/v1/metrics" && http.Request.Method == "POST" && http.Request.ContentType == "application/x-protobuf";
            if (known) collector._received.Enqueue((http.Request.Path.Value!, body.ToArray()));
            http.Response.StatusCode = known ? 200 : 400;
            http.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync();
        collector.Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
