using System.Security.Cryptography;
using Parley.Platform.Objects;
using Parley.Platform.Outbound;
using Parley.Testkit;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Platform;

/// <summary>What every place for objects must do.</summary>
public abstract class ObjectBackendTests
{
    private readonly Guid _tenant = Guid.CreateVersion7();

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    internal abstract IObjectBackend Backend { get; }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(300_000)]
    [InlineData(3_000_000)]
    public async Task Content_is_stored_under_its_hash_and_read_back(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var stored = await PutAsync(bytes);
        stored.Hash.ShouldBe(SHA256.HashData(bytes));
        stored.Size.ShouldBe(size);
        (await ReadAsync(stored.Hash)).ShouldBe(bytes);
    }

    [Fact]
    public async Task The_same_content_twice_is_stored_once_also_at_the_same_time()
    {
        var bytes = RandomNumberGenerator.GetBytes(50_000);
        var stored = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutAsync(bytes)));
        stored.Select(s => Convert.ToHexString(s.Hash)).Distinct().Count().ShouldBe(1);
        (await KeysAsync()).ShouldBe([ObjectStore.KeyOf(_tenant, stored[0].Hash)]);
        (await ReadAsync(stored[0].Hash)).ShouldBe(bytes);
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_removing_it_is_no_error()
    {
        var hash = SHA256.HashData("nothing"u8);
        (await ReadAsync(hash)).ShouldBeNull();
        await Backend.RemoveAsync(ObjectStore.KeyOf(_tenant, hash), Ct);
        var stored = await PutAsync([1, 2, 3]);
        await Backend.RemoveAsync(ObjectStore.KeyOf(_tenant, stored.Hash), Ct);
        (await ReadAsync(stored.Hash)).ShouldBeNull();
        (await KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_too_large_or_breaks_off_leaves_nothing_behind()
    {
        await Should.ThrowAsync<ObjectTooLargeException>(Backend.PutAsync(KeyOf, new MemoryStream(new byte[1001]), "text/plain", 1000, Ct));
        await Should.ThrowAsync<IOException>(Backend.PutAsync(KeyOf, new BreakingStream(), "text/plain", long.MaxValue, Ct));
        (await KeysAsync("")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_listing_is_whole_and_knows_the_prefix()
    {
        var mine = new List<string>();
        for (byte i = 0; i < 8; i++) mine.Add(KeyOf((await PutAsync([i])).Hash));
        var other = Guid.CreateVersion7();
        await Backend.PutAsync(hash => ObjectStore.KeyOf(other, hash), new MemoryStream([9]), "text/plain", long.MaxValue, Ct);
        (await KeysAsync()).ShouldBe(mine, ignoreOrder: true);
        (await KeysAsync("")).Count.ShouldBe(9);
    }

    [Fact]
    public async Task A_probe_leaves_nothing_behind()
    {
        await Backend.ProbeAsync(Ct);
        (await KeysAsync("")).ShouldBeEmpty();
    }

    protected Task<StoredObject> PutAsync(byte[] bytes) => Backend.PutAsync(KeyOf, new MemoryStream(bytes), "text/plain", long.MaxValue, Ct);

    protected async Task<byte[]?> ReadAsync(byte[] hash)
    {
        await using var stream = await Backend.OpenAsync(KeyOf(hash), Ct);
        if (stream is null) return null;
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }

    protected string KeyOf(byte[] hash) => ObjectStore.KeyOf(_tenant, hash);

    private async Task<List<string>> KeysAsync(string? prefix = null)
    {
        var keys = new List<string>();
        await foreach (var entry in Backend.ListAsync(prefix ?? _tenant.ToString("N") + "/", Ct)) keys.Add(entry.Key);
        return keys;
    }

    private sealed class BreakingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("broke off");
    }
}

public sealed class FolderObjectsTests : ObjectBackendTests, IDisposable
{
    private readonly ScratchFolder _scratch = new();

    internal override IObjectBackend Backend => new FolderObjects(Path.Combine(_scratch.Path, "objects"));

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        var blocked = Path.Combine(_scratch.Path, "file");
        await File.WriteAllTextAsync(blocked, "", Ct);
        (await Should.ThrowAsync<ObjectStoreException>(new FolderObjects(Path.Combine(blocked, "objects")).ProbeAsync(Ct))).Message.ShouldContain(blocked);
    }

    public void Dispose() => _scratch.Dispose();
}

/// <summary>At the wire: against a double that checks signatures and hashes.</summary>
public sealed class S3ObjectsTests : ObjectBackendTests, IAsyncLifetime
{
    private S3Double _s3 = null!;
    private GuardedHttp _http = null!;
    private S3Objects _backend = null!;

    internal override IObjectBackend Backend => _backend;

    public async ValueTask InitializeAsync()
    {
        _s3 = await S3Double.StartAsync();
        _http = Http(_s3.Host);
        _backend = Open(_s3.Location);
    }

    public async ValueTask DisposeAsync()
    {
        _backend.Dispose();
        _http.Dispose();
        await _s3.DisposeAsync();
    }

    [Fact]
    public async Task Keys_have_the_prefix_and_the_type_is_kept()
    {
        var stored = await PutAsync([1]);
        var (key, value) = _s3.Objects.Single();
        key.ShouldBe("some/prefix/" + KeyOf(stored.Hash));
        value.ContentType.ShouldBe("text/plain");
    }

    [Theory]
    [InlineData(S3Fault.SlowDown)]
    [InlineData(S3Fault.InternalError)]
    [InlineData(S3Fault.Slow)]
    public async Task What_passes_is_tried_again(S3Fault fault)
    {
        _s3.FailNext(fault, 2);
        var bytes = RandomNumberGenerator.GetBytes(2_000_000);
        var stored = await PutAsync(bytes);
        _s3.FailNext(fault);
        (await ReadAsync(stored.Hash)).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_body_that_is_cut_off_is_never_taken_for_the_whole()
    {
        var stored = await PutAsync(RandomNumberGenerator.GetBytes(500_000));
        _s3.FailNext(S3Fault.CutBody);
        (await Should.ThrowAsync<ObjectStoreException>(ReadAsync(stored.Hash))).Message.ShouldContain(S3Double.Bucket);
    }

    [Fact]
    public async Task A_store_that_stays_busy_says_so()
    {
        _s3.Always = S3Fault.SlowDown;
        (await Should.ThrowAsync<ObjectStoreException>(PutAsync([1]))).Message.ShouldContain("too busy");
        _s3.Requests.Count.ShouldBe(5);
        _s3.Objects.ShouldBeEmpty();
    }

    [Fact]
    public async Task Refusals_name_their_mend()
    {
        _s3.Always = S3Fault.AccessDenied;
        var refused = (await Should.ThrowAsync<ObjectStoreException>(_backend.ProbeAsync(Ct))).Message;
        refused.ShouldContain("AccessDenied");
        refused.ShouldContain("AWS_ACCESS_KEY_ID");
        refused.ShouldNotContain(S3Double.SecretKey);
        _s3.Always = null;
        using (var wrong = Open(_s3.Location, new S3Credentials(S3Double.AccessKey, "another"))) (await ProbeFailsAsync(wrong)).ShouldContain("SignatureDoesNotMatch");
        using (var wrong = Open(_s3.Location.Replace("parley-test", "no-such-bucket", StringComparison.Ordinal))) (await ProbeFailsAsync(wrong)).ShouldContain("no such bucket");
        using (var wrong = Open(_s3.Location.Replace(S3Double.Region, "us-east-1", StringComparison.Ordinal))) (await ProbeFailsAsync(wrong)).ShouldContain("region=");
    }

    [Fact]
    public async Task A_private_address_needs_the_operators_leave()
    {
        using var closed = Http("");
        using var backend = Open(_s3.Location, http: closed);
        (await ProbeFailsAsync(backend)).ShouldContain("PARLEY_PRIVATE_HOSTS=" + _s3.Host);
        _s3.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_store_that_is_away_is_named()
    {
        await _s3.DisposeAsync();
        (await ProbeFailsAsync(_backend)).ShouldContain("cannot be reached");
    }

    private static async Task<string> ProbeFailsAsync(IObjectBackend backend) => (await Should.ThrowAsync<ObjectStoreException>(backend.ProbeAsync(Ct))).Message;

    private static GuardedHttp Http(string allowed) => new(new Parley.Platform.PlatformOptions { Objects = "", PrivateHosts = allowed }, TimeProvider.System);

    private S3Objects Open(string location, S3Credentials? credentials = null, GuardedHttp? http = null) =>
        new(ObjectLocation.Parse(location), credentials ?? new S3Credentials(S3Double.AccessKey, S3Double.SecretKey), http ?? _http, TimeProvider.System, _ => TimeSpan.FromMilliseconds(1));
}
