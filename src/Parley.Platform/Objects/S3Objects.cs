using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Parley.Platform.Jobs;
using Parley.Platform.Outbound;

namespace Parley.Platform.Objects;

/// <summary>
/// Objects in a bucket of Amazon S3 or of a store that speaks its protocol, through the guarded way out: an address in a private network needs
/// PARLEY_PRIVATE_HOSTS. An object is sent in one request that is signed over the content's own SHA-256, so that the store refuses what was
/// changed on the way.
/// </summary>
internal sealed class S3Objects : IObjectBackend
{
    /// <summary>The largest body of one PUT (Amazon S3's documented limit: 5 GiB).</summary>
    private const long MaxObjectBytes = 5L << 30;

    /// <summary>Tries of one call: throttled, failed on the store's side, or broken off.</summary>
    private const int Tries = 5;

    private readonly ObjectLocation _at;
    private readonly TimeProvider _time;
    private readonly Func<int, TimeSpan> _pause;
    private readonly AmazonS3Client _client;

    /// <param name="at">Bucket, prefix, endpoint.</param>
    /// <param name="credentials">The keys.</param>
    /// <param name="http">The way out.</param>
    /// <param name="time">The clock.</param>
    /// <param name="pause">How long to wait after which try; null: 1, 2, 4, 8 seconds and a little.</param>
    internal S3Objects(ObjectLocation at, S3Credentials credentials, GuardedHttp http, TimeProvider time, Func<int, TimeSpan>? pause = null)
    {
        (_at, _time) = (at, time);
        _pause = pause ?? (attempt => Backoff.DelayAfter(attempt, Random.Shared.NextDouble()));
        var config = new AmazonS3Config
        {
            ForcePathStyle = at.PathStyle,
            HttpClientFactory = new GuardedFactory(http),
            MaxErrorRetry = 0, // ours is below: it knows what is worth another try
            // Checksums beside the signature are Amazon's own; other stores refuse them, and the signature covers the content already.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (at.Endpoint is { } endpoint)
        {
            (config.ServiceURL, config.AuthenticationRegion, config.UseHttp) = (endpoint.ToString(), at.Region, endpoint.Scheme == Uri.UriSchemeHttp);
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(at.Region);
        }
        AWSCredentials keys = credentials.Token is { } token ? new SessionAWSCredentials(credentials.Id, credentials.Secret, token) : new BasicAWSCredentials(credentials.Id, credentials.Secret);
        _client = new AmazonS3Client(keys, config);
    }

    public string Location => _at.ToString();

    public bool IsLocal => false;

    public async Task<StoredObject> PutAsync(Func<byte[], string> keyOf, Stream content, string contentType, long maxBytes, CancellationToken ct)
    {
        // The key is the hash, which is known at the end: what does not fit in a little memory waits in a file of this node.
        await using var spool = await SpooledContent.ReadAsync(content, Math.Min(maxBytes, MaxObjectBytes), ct);
        await CallAsync("write", () =>
        {
            spool.Content.Position = 0;
            return _client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = _at.Bucket, Key = _at.Prefix + keyOf(spool.Hash), InputStream = spool.Content, ContentType = contentType, AutoCloseStream = false,
                    // Signed over the whole content, in one piece.
                    UseChunkEncoding = false, DisablePayloadSigning = false,
                }, ct);
        }, ct);
        return new StoredObject(spool.Hash, spool.Size);
    }

    public async Task<Stream?> OpenAsync(string key, CancellationToken ct)
    {
        var response = await CallAsync("read", async () =>
        {
            try
            {
                return await _client.GetObjectAsync(new GetObjectRequest { BucketName = _at.Bucket, Key = _at.Prefix + key }, ct);
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
            {
                return null;
            }
        }, ct);
        return response is null ? null : new ObjectStream(response, Explain);
    }

    public Task RemoveAsync(string key, CancellationToken ct) => CallAsync("remove", async () =>
    {
        try
        {
            return await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _at.Bucket, Key = _at.Prefix + key }, ct);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    }, ct);

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        string? next = null;
        do
        {
            var page = await CallAsync("list", () => _client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = _at.Bucket, Prefix = _at.Prefix + prefix, ContinuationToken = next }, ct), ct);
            foreach (var found in page.S3Objects ?? [])
            {
                yield return new ObjectEntry(found.Key[_at.Prefix.Length..], new DateTimeOffset(found.LastModified?.ToUniversalTime() ?? _time.GetUtcNow().UtcDateTime, TimeSpan.Zero));
            }
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    public async Task ProbeAsync(CancellationToken ct)
    {
        var key = "probe-" + Guid.CreateVersion7().ToString("N");
        await PutAsync(_ => key, new MemoryStream("parley"u8.ToArray()), "text/plain", long.MaxValue, ct);
        try
        {
            await using var read = await OpenAsync(key, ct) ?? throw new ObjectStoreException($"{Name} does not give back what was just written to it.");
            using var text = new StreamReader(read);
            if (await text.ReadToEndAsync(ct) != "parley")
            {
                throw new ObjectStoreException($"{Name} gives back something else than was written to it.");
            }
        }
        finally
        {
            await RemoveAsync(key, CancellationToken.None);
        }
    }

    public void Dispose() => _client.Dispose();

    private string Name => $"s3://{_at.Bucket}" + (_at.Endpoint is { } endpoint ? $" at {endpoint.Authority}" : $" in {_at.Region}");

    private async Task<T> CallAsync<T>(string what, Func<Task<T>> call, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (IsOutside(e))
            {
                if (attempt == Tries || !MayPass(e))
                {
                    throw Explain(what, e);
                }
            }
            await Task.Delay(_pause(attempt), _time, ct);
        }
    }

    private static bool IsOutside(Exception e) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or TimeoutException || (e is IOException and not ObjectStoreException);

    private static bool MayPass(Exception e) => e is AmazonServiceException { StatusCode: > 0 } answer
        ? answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError || answer.ErrorCode == "RequestTimeout"
        : Refused(e) is null or { Code: "too_slow" };

    private static OutboundRefusedException? Refused(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is OutboundRefusedException refused)
            {
                return refused;
            }
        }
        return null;
    }

    private ObjectStoreException Explain(string what, Exception e)
    {
        if (Refused(e) is { } refused)
        {
            return new ObjectStoreException($"{Name} is not called: {refused.Message}", e);
        }
        if (e is not AmazonServiceException { StatusCode: > 0 } answer)
        {
            return new ObjectStoreException($"{Name} cannot be reached to {what}: {e.GetBaseException().Message}", e);
        }
        var code = string.IsNullOrEmpty(answer.ErrorCode) ? ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture) : answer.ErrorCode;
        return new ObjectStoreException(
            code switch
            {
                "NoSuchBucket" => $"{Name}: there is no such bucket. Create it, or name another in PARLEY_OBJECTS.",
                "AccessDenied" or "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "Forbidden" =>
                    $"{Name} refuses to {what} ({code}). Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what that key may do: GetObject, PutObject, DeleteObject, ListBucket.",
                "PermanentRedirect" or "AuthorizationHeaderMalformed" => $"{Name} is in another region ({code}). Name it with region= in PARLEY_OBJECTS.",
                "SlowDown" or "ServiceUnavailable" or "InternalError" or "RequestTimeout" => $"{Name} is too busy or failing ({code}); {Tries} tries to {what} did not succeed.",
                _ => $"{Name} refuses to {what} ({code}).",
            }, e);
    }

    /// <summary>The library's requests take the guarded way; retries and signatures are the library's.</summary>
    private sealed class GuardedFactory(GuardedHttp http) : HttpClientFactory
    {
        // A redirect to another host would carry no signature: the region or the endpoint is wrong, and the message says so.
        private static readonly OutboundLimits Limits = new() { MaxResponseBytes = MaxObjectBytes + (1 << 20), Timeout = TimeSpan.FromMinutes(15), MaxRedirects = 0 };

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http.CreateClient(Limits);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }

    /// <summary>An object's bytes. A body that is cut off throws; it never looks like a short object.</summary>
    private sealed class ObjectStream(GetObjectResponse response, Func<string, Exception, ObjectStoreException> explain) : Stream
    {
        private readonly Stream _inner = response.ResponseStream;
        private readonly long _length = response.ContentLength;
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => _length;

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return Counted(await _inner.ReadAsync(buffer, cancellationToken), buffer.Length);
            }
            catch (Exception e) when (e is IOException and not ObjectStoreException or HttpRequestException or AmazonClientException)
            {
                throw explain("read", e);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            try
            {
                return Counted(_inner.Read(buffer, offset, count), count);
            }
            catch (Exception e) when (e is IOException and not ObjectStoreException or HttpRequestException or AmazonClientException)
            {
                throw explain("read", e);
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                response.Dispose();
            }
            base.Dispose(disposing);
        }

        private int Counted(int read, int asked)
        {
            _read += read;
            return read == 0 && asked > 0 && _read < _length ? throw new ObjectStoreException("An object's bytes broke off before their end.") : read;
        }
    }
}
