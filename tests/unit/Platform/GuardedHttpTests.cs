using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Platform.Outbound;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Platform;

/// <summary>The guarded client against a real server on this machine, with names resolved by the test.</summary>
public sealed class GuardedHttpTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Queue<string>> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<string> _seen = new();
    private WebApplication _server = null!;
    private int _port;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        _server = builder.Build();
        _server.Use((http, next) =>
        {
            _seen.Enqueue($"{http.Request.Host.Host}{http.Request.Path} {http.Request.Headers.Authorization} {http.Request.Headers["X-Api-Key"]}".TrimEnd());
            return next(http);
        });
        _server.MapGet("/ok", () => "ok");
        _server.MapPost("/ok", () => "posted");
        _server.MapGet("/to", (string url) => Results.Redirect(url));
        _server.MapPost("/to", (string url) => Results.Redirect(url, permanent: false, preserveMethod: true));
        _server.MapGet("/loop", () => Results.Redirect("/loop"));
        _server.MapGet("/big", (int bytes) => Results.Bytes(new byte[bytes]));
        _server.MapGet("/stream", async (HttpContext http) =>
        {
            for (var i = 0; i < 1000 && !http.RequestAborted.IsCancellationRequested; i++)
            {
                await http.Response.Body.WriteAsync(new byte[1000]);
                await http.Response.Body.FlushAsync();
                await Task.Delay(5);
            }
        });
        _server.MapGet("/bomb", (HttpContext http) =>
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            {
                gzip.Write(new byte[5_000_000]);
            }
            http.Response.Headers.ContentEncoding = "gzip";
            return Results.Bytes(packed.ToArray());
        });
        _server.MapGet("/hang", (HttpContext http) => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await _server.StartAsync();
        _port = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        Name("allowed.test", "127.0.0.1");
        Name("private.test", "127.0.0.1");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_the_operator_listed_is_called()
    {
        using var http = Http();
        (await http.CreateClient().GetStringAsync($"http://allowed.test:{_port}/ok", Ct)).ShouldBe("ok");
    }

    [Theory]
    [InlineData("http://private.test:{0}/ok")]
    [InlineData("http://127.0.0.1:{0}/ok")]
    [InlineData("http://2130706433:{0}/ok")]
    [InlineData("http://0177.0.0.1:{0}/ok")]
    [InlineData("http://0x7f.1:{0}/ok")]
    [InlineData("http://127.1:{0}/ok")]
    [InlineData("http://0:{0}/ok")]
    [InlineData("http://[::1]:{0}/ok")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/ok")]
    [InlineData("http://[::ffff:7f00:1]:{0}/ok")]
    public async Task A_private_address_is_refused_however_it_is_written(string address)
    {
        using var http = Http();
        (await RefusedAsync(http, string.Format(null, address, _port))).ShouldBe("private_address");
        _seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://2852039166/")]
    [InlineData("http://metadata.test/")]
    [InlineData("http://[fd00:ec2::254]/")]
    public async Task Metadata_is_refused_even_where_the_operator_lists_it(string address)
    {
        Name("metadata.test", "169.254.169.254");
        using var http = new GuardedHttp("metadata.test:80 169.254.169.254:80 [fd00:ec2::254]:80", TimeProvider.System, ResolveAsync);
        (await RefusedAsync(http, address)).ShouldBe("metadata_address");
    }

    [Fact]
    public async Task One_private_address_among_public_ones_is_enough_to_refuse()
    {
        Name("mixed.test", "93.184.216.34,127.0.0.1");
        using var http = Http();
        (await RefusedAsync(http, $"http://mixed.test:{_port}/ok")).ShouldBe("private_address");
    }

    [Fact]
    public async Task A_name_that_changes_its_address_is_checked_at_every_connection()
    {
        // First a public address (here this machine stands for it), then a private one: the classic rebinding.
        Name("rebind.test", "93.184.216.34", "127.0.0.1");
        var connected = new List<IPAddress>();
        using var http = new GuardedHttp("", TimeProvider.System, ResolveAsync, async (addresses, port, ct) =>
        {
            connected.AddRange(addresses);
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, ct);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        });
        using var first = new HttpRequestMessage(HttpMethod.Get, $"http://rebind.test:{_port}/ok") { Headers = { ConnectionClose = true } };
        (await http.CreateClient().SendAsync(first, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await RefusedAsync(http, $"http://rebind.test:{_port}/ok")).ShouldBe("private_address");
        // What was checked is what was connected to.
        connected.ShouldBe([IPAddress.Parse("93.184.216.34")]);
        _seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_redirect_is_checked_like_the_first_address()
    {
        using var http = Http();
        (await http.CreateClient().GetStringAsync($"http://allowed.test:{_port}/to?url=/ok", Ct)).ShouldBe("ok");
        (await RefusedAsync(http, $"http://allowed.test:{_port}/to?url=http://private.test:{_port}/ok")).ShouldBe("private_address");
        (await RefusedAsync(http, $"http://allowed.test:{_port}/to?url=http://169.254.169.254/")).ShouldBe("metadata_address");
        (await RefusedAsync(http, $"http://allowed.test:{_port}/to?url=file:///etc/passwd")).ShouldBe("scheme");
        (await RefusedAsync(http, $"http://allowed.test:{_port}/loop")).ShouldBe("too_many_redirects");
        _seen.ShouldNotContain(seen => seen.StartsWith("private.test", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Credentials_stay_with_the_origin_that_they_were_for()
    {
        Name("other.test", "127.0.0.1");
        using var http = new GuardedHttp($"allowed.test:{_port} other.test:{_port}", TimeProvider.System, ResolveAsync);
        foreach (var target in new[] { "/ok", $"http://other.test:{_port}/ok" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://allowed.test:{_port}/to?url={target}");
            request.Headers.Add("Authorization", "Bearer secret");
            request.Headers.Add("X-Api-Key", "secret");
            (await http.CreateClient().SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        _seen.ShouldBe(["allowed.test/to Bearer secret secret", "allowed.test/ok Bearer secret secret", "allowed.test/to Bearer secret secret", "other.test/ok"]);
    }

    [Fact]
    public async Task A_request_with_a_body_follows_no_redirect()
    {
        using var http = Http();
        using var response = await http.CreateClient().PostAsync($"http://allowed.test:{_port}/to?url=/ok", new StringContent("x"), Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        _seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("ftp://allowed.test/x", "scheme")]
    [InlineData("file:///etc/passwd", "scheme")]
    [InlineData("http://user:password@allowed.test/", "credentials")]
    [InlineData("http://unknown.test/", "unresolvable")]
    public async Task What_is_no_plain_web_address_is_refused(string address, string code)
    {
        using var http = Http();
        var refused = code == "scheme"
            ? await Should.ThrowAsync<Exception>(http.CreateClient().GetAsync(address, Ct))
            : await Should.ThrowAsync<OutboundRefusedException>(http.CreateClient().GetAsync(address, Ct));
        (refused is OutboundRefusedException own ? own.Code : "scheme").ShouldBe(code);
    }

    [Fact]
    public async Task A_name_that_cannot_be_one_has_no_address()
    {
        using var http = new GuardedHttp(new Parley.Platform.PlatformOptions { Objects = "", PrivateHosts = "" }, TimeProvider.System);
        var address = new Uri($"http://{string.Join('.', Enumerable.Repeat("abcdefghi", 30))}.test/");
        (await RefusedAsync(http, address.ToString())).ShouldBe("unresolvable");
        (await http.RefusalAsync(address, Ct)).ShouldBeNull();
    }

    [Theory]
    [InlineData("/big?bytes=100001")]
    [InlineData("/stream")]
    [InlineData("/bomb")]
    public async Task An_answer_is_cut_at_its_limit_also_unpacked(string path)
    {
        using var http = Http();
        var client = http.CreateClient(new OutboundLimits { MaxResponseBytes = 100_000 });
        (await Should.ThrowAsync<HttpRequestException>(ReadAsync(client, path))).ShouldBeOfType<OutboundRefusedException>().Code.ShouldBe("too_large");
        (await client.GetByteArrayAsync($"http://allowed.test:{_port}/big?bytes=100000", Ct)).Length.ShouldBe(100_000);
    }

    [Theory]
    [InlineData("/hang")]
    [InlineData("/stream")]
    public async Task An_answer_that_takes_too_long_is_cut(string path)
    {
        using var http = Http();
        var client = http.CreateClient(new OutboundLimits { Timeout = TimeSpan.FromMilliseconds(300) });
        (await Should.ThrowAsync<HttpRequestException>(ReadAsync(client, path))).ShouldBeOfType<OutboundRefusedException>().Code.ShouldBe("too_slow");
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_told_so_and_not_that_it_was_slow()
    {
        using var http = Http();
        using var giveUp = new CancellationTokenSource(100);
        await Should.ThrowAsync<OperationCanceledException>(http.CreateClient().GetAsync($"http://allowed.test:{_port}/hang", giveUp.Token));
    }

    private GuardedHttp Http() => new($"allowed.test:{_port}", TimeProvider.System, ResolveAsync);

    private async Task ReadAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync($"http://allowed.test:{_port}{path}", HttpCompletionOption.ResponseHeadersRead, Ct);
        await using var body = await response.Content.ReadAsStreamAsync(Ct);
        await body.CopyToAsync(System.IO.Stream.Null, Ct);
    }

    private static async Task<string> RefusedAsync(GuardedHttp http, string address) =>
        (await Should.ThrowAsync<OutboundRefusedException>(http.CreateClient().GetAsync(address, Ct))).Code;

    private void Name(string host, params string[] answers) => _names[host] = new Queue<string>(answers);

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        if (!_names.TryGetValue(host, out var answers))
        {
            throw new System.Net.Sockets.SocketException(11001);
        }
        var answer = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        return Task.FromResult(answer.Split(',').Select(IPAddress.Parse).ToArray());
    }
}
