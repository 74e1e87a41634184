using System.Net;
using System.Net.Sockets;

namespace Parley.Platform.Outbound;

/// <summary>How far one kind of outbound call may go.</summary>
public sealed record OutboundLimits
{
    /// <summary>Bytes of an answer, counted after decompression.</summary>
    public long MaxResponseBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>From the first byte sent to the last byte read, redirects included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Redirects that a GET or HEAD may follow; other requests follow none.</summary>
    public int MaxRedirects { get; init; } = 5;
}

/// <summary>An outbound call was refused or cut short; the message says why and holds nothing of the answer.</summary>
public sealed class OutboundRefusedException(string code, string message) : HttpRequestException(message)
{
    /// <summary>private_address, metadata_address, unresolvable, scheme, credentials, too_many_redirects, too_large or too_slow.</summary>
    public string Code { get; } = code;
}

/// <summary>
/// The only way to call an address that somebody configured. Every connection is made to an address that was resolved and checked here, so a
/// name that changes its address in between gains nothing; a redirect is a new connection and is checked like one.
/// </summary>
public sealed class GuardedHttp : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);
    private readonly PrivateHosts _private;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly Func<IPAddress[], int, CancellationToken, ValueTask<Stream>> _connect;
    private readonly TimeProvider _time;
    private readonly SocketsHttpHandler _handler;

    /// <summary>Reads PARLEY_PRIVATE_HOSTS from the options.</summary>
    public GuardedHttp(PlatformOptions options, TimeProvider time)
        : this(options.PrivateHosts, time, static (host, ct) => Dns.GetHostAddressesAsync(host, ct))
    {
    }

    /// <param name="privateHosts">As PARLEY_PRIVATE_HOSTS.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resolve">Names to addresses.</param>
    /// <param name="connect">Tests pretend that a public address answers; null: a real connection.</param>
    internal GuardedHttp(
        string privateHosts, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        Func<IPAddress[], int, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        _connect = connect ?? ConnectAsync;
        _private = PrivateHosts.Parse(privateHosts);
        (_time, _resolve) = (time, resolve);
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = ConnectPatience,
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy would connect for us, to whatever it likes.
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 64,
        };
    }

    /// <summary>A client with these limits. It shares its connections with all others; disposing it closes none.</summary>
    /// <param name="limits">Null: the defaults.</param>
    /// <param name="outer">Sees each request before the guard does, and each answer after it.</param>
    public HttpClient CreateClient(OutboundLimits? limits = null, DelegatingHandler? outer = null)
    {
        HttpMessageHandler handler = new GuardedHandler(limits ?? new OutboundLimits(), _time) { InnerHandler = _handler };
        if (outer is not null)
        {
            outer.InnerHandler = handler;
            handler = outer;
        }
#pragma warning disable RS0030 // This is the factory that the ban points to.
        return new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
    }

    /// <summary>
    /// Whether an address could be called, before anything is kept of it. Null: it could, or its name has no address now, which may change. The answer holds
    /// for this moment only: every call checks again.
    /// </summary>
    public async Task<OutboundRefusedException?> RefusalAsync(Uri address, CancellationToken ct)
    {
        try
        {
            GuardedHandler.Check(address);
            Check(address.IdnHost, address.Port, await ResolveAsync(address.IdnHost, ct).WaitAsync(ConnectPatience, _time, ct));
            return null;
        }
        catch (OutboundRefusedException e)
        {
            return e.Code == "unresolvable" ? null : e;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Does the operator of the instance allow this host although its address is private? Then it is in a network of the operator's own.</summary>
    public bool IsOperators(Uri address) => _private.Allows(address.IdnHost, address.Port);

    /// <inheritdoc/>
    public void Dispose() => _handler.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await ResolveAsync(host, ct);
        Check(host, port, addresses);
        return await _connect(addresses, port, ct);
    }

    private void Check(string host, int port, IPAddress[] addresses)
    {
        if (Array.Exists(addresses, AddressGuard.IsMetadata))
        {
            throw new OutboundRefusedException("metadata_address", $"{host} is a cloud's metadata service, which is never called.");
        }
        // One bad address is enough: which of them a connection would take is not for the name's owner to play with.
        if (!_private.Allows(host, port) && !Array.TrueForAll(addresses, AddressGuard.IsPublic))
        {
            throw new OutboundRefusedException("private_address", $"{host} has a private address. The operator of this instance can allow it: PARLEY_PRIVATE_HOSTS={host}:{port}");
        }
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }
        try
        {
            var addresses = await _resolve(host, ct);
            return addresses.Length > 0 ? addresses : throw new OutboundRefusedException("unresolvable", $"{host} has no address.");
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // A name may also be too long, or none at all.
            throw new OutboundRefusedException("unresolvable", $"{host} has no address.");
        }
    }
}
