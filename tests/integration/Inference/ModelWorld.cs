using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Platform;
using Parley.Platform.Outbound;
using Parley.Testkit.Models;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>The wire double, and a real service in its place where the environment has a key for it.</summary>
public sealed class ModelWorld : IAsyncLifetime
{
    private GuardedHttp _http = null!;
    private GuardedHttp _strict = null!;

    internal ModelsDouble Double { get; private set; } = null!;

    /// <summary>Long enough for a busy machine: only tests of time limits have short ones.</summary>
    internal static ModelTimeouts Patient { get; } = new() { FirstToken = TimeSpan.FromSeconds(30), BetweenTokens = TimeSpan.FromSeconds(30), Whole = TimeSpan.FromMinutes(2) };

    internal ModelProviders Providers => new(_http, TimeProvider.System);

    /// <summary>Of an instance whose operator allows no private address.</summary>
    internal ModelProviders StrictProviders => new(_strict, TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        Double = await ModelsDouble.StartAsync();
        var host = new Uri(Double.Address).Authority;
        // Nothing listens on port 1.
        _http = new GuardedHttp(new PlatformOptions { Objects = "", PrivateHosts = $"{host} 127.0.0.1:1" }, TimeProvider.System);
        _strict = new GuardedHttp(new PlatformOptions { Objects = "", PrivateHosts = "" }, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await Double.DisposeAsync();
        _http.Dispose();
        _strict.Dispose();
    }
}

/// <summary>One provider under test.</summary>
/// <param name="Kind">As accounts name it.</param>
/// <param name="Path">Where the double has it.</param>
/// <param name="Model">A model of the double.</param>
/// <param name="LiveModel">A model of the real service, unless PARLEY_TEST_…_MODEL names another.</param>
public sealed record Subject(string Kind, string Path, string Model, string LiveModel)
{
    /// <summary>For example PARLEY_TEST_ANTHROPIC; _KEY switches the suite to the real service, _URL and _MODEL choose where and what.</summary>
    public string Variable { get; init; } = "PARLEY_TEST_" + Kind.ToUpperInvariant().Replace('-', '_');

    /// <summary>The key; null: the double is asked.</summary>
    public string? LiveKey => Setting("_KEY");

    internal ModelCapabilities Capabilities { get; init; } = new();

    /// <summary>The name of the model that is asked.</summary>
    public string AskedModel => LiveKey is null ? Model : Setting("_MODEL") ?? LiveModel;

    /// <summary>An account that no other test has: a test finds its own requests by the key.</summary>
    internal ModelAccount Account(ModelWorld world, string? fault = null) => new()
    {
        Id = Guid.CreateVersion7(),
        Provider = Kind,
        BaseUrl = LiveKey is null ? world.Double.At(Path, fault) : Setting("_URL") is { } url ? new Uri(url) : null,
        Key = LiveKey ?? "key-" + Guid.CreateVersion7().ToString("N"),
    };

    /// <summary>Skips what cannot be asked of a real service.</summary>
    public void DoubleOnly()
    {
        if (LiveKey is not null)
        {
            Assert.Skip($"{Variable}_KEY is set, and a real service fails only when it wants to.");
        }
    }

    /// <summary>Says aloud that the real service was not asked.</summary>
    public void LiveOnly()
    {
        if (LiveKey is null)
        {
            Assert.Skip($"The real service was not asked: set {Variable}_KEY (and _MODEL, _URL) to run this suite against it.");
        }
    }

    private string? Setting(string name) => Environment.GetEnvironmentVariable(Variable + name) is { Length: > 0 } value ? value : null;
}
