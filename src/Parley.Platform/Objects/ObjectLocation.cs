using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.WebUtilities;
using Parley.Platform.Outbound;

namespace Parley.Platform.Objects;

/// <summary>
/// What <c>--objects</c> and PARLEY_OBJECTS name: a folder, or <c>s3://BUCKET/PREFIX?endpoint=URL&amp;region=NAME&amp;pathStyle=true</c>. The keys of S3 come
/// from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where there is one, AWS_SESSION_TOKEN: an address is shown, a key never.
/// </summary>
/// <param name="Folder">The folder's full path; null: S3.</param>
/// <param name="Bucket">Of S3.</param>
/// <param name="Prefix">Goes before every key; empty or ending in <c>/</c>.</param>
/// <param name="Endpoint">Null: Amazon's own of the region.</param>
/// <param name="Region">Signatures name it.</param>
/// <param name="PathStyle">The bucket is in the path rather than in the host's name; most stores that are not Amazon's want that.</param>
public sealed record ObjectLocation(string? Folder, string Bucket = "", string Prefix = "", Uri? Endpoint = null, string Region = "us-east-1", bool PathStyle = false)
{
    private const string Scheme = "s3://";
    private static readonly string[] Settings = ["endpoint", "region", "pathStyle"];

    /// <summary>Is it in S3?</summary>
    [MemberNotNullWhen(false, nameof(Folder))]
    public bool IsS3 => Folder is null;

    /// <exception cref="FormatException">Says what is wrong with the text.</exception>
    public static ObjectLocation Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return text.Contains("://", StringComparison.Ordinal)
                ? throw Wrong($"'{text.Split("://")[0]}' is not known: give a folder or s3://BUCKET/PREFIX")
                : new ObjectLocation(Path.GetFullPath(text));
        }
        var (path, query) = text[Scheme.Length..].Split('?', 2) is [var before, var after] ? (before, after) : (text[Scheme.Length..], "");
        var (bucket, prefix) = path.Split('/', 2) is [var name, var rest] ? (name, rest.Trim('/')) : (path, "");
        if (bucket.Length is < 3 or > 63 || bucket.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.')))
        {
            throw Wrong($"'{bucket}' is no name of a bucket (3 to 63 small letters, digits, dots and dashes)");
        }
        if (prefix.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '/')) || prefix.Contains("..", StringComparison.Ordinal))
        {
            throw Wrong($"the prefix '{prefix}' may hold ASCII letters, digits, '-', '_', '.' and '/'");
        }
        var settings = QueryHelpers.ParseQuery(query).ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal);
        if (settings.Keys.Except(Settings).FirstOrDefault() is { } unknown)
        {
            throw Wrong($"'{unknown}' is not known; there are {string.Join(", ", Settings)}");
        }
        Uri? endpoint = null;
        if (settings.GetValueOrDefault("endpoint") is { Length: > 0 } url && (!Uri.TryCreate(url, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https") || endpoint.UserInfo.Length > 0))
        {
            throw Wrong($"endpoint '{url}' is no http or https address without credentials");
        }
        var pathStyle = endpoint is not null;
        if (settings.GetValueOrDefault("pathStyle") is { Length: > 0 } given && !bool.TryParse(given, out pathStyle))
        {
            throw Wrong("pathStyle is true or false");
        }
        return new ObjectLocation(null, bucket, prefix.Length == 0 ? "" : prefix + "/", endpoint, settings.GetValueOrDefault("region") is { Length: > 0 } region ? region : "us-east-1", pathStyle);
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        if (!IsS3)
        {
            return Folder;
        }
        var settings = new Dictionary<string, string?> { ["region"] = Region, ["pathStyle"] = PathStyle ? "true" : "false" };
        if (Endpoint is not null)
        {
            settings["endpoint"] = Endpoint.ToString();
        }
        return QueryHelpers.AddQueryString(Scheme + Bucket + "/" + Prefix, settings);
    }

    /// <exception cref="ObjectStoreException">S3 without keys.</exception>
    internal IObjectBackend Open(GuardedHttp http, TimeProvider time) => IsS3
        ? new S3Objects(this, S3Credentials.FromEnvironment() ?? throw new ObjectStoreException($"{Scheme}{Bucket} needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."), http, time)
        : new FolderObjects(Folder);

    private static FormatException Wrong(string what) => new($"PARLEY_OBJECTS: {what}.");
}

/// <summary>The keys of S3.</summary>
internal sealed record S3Credentials(string Id, string Secret, string? Token = null)
{
    internal static readonly string[] Names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

    internal static S3Credentials? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Names[0]) is { Length: > 0 } id && Environment.GetEnvironmentVariable(Names[1]) is { Length: > 0 } secret
            ? new S3Credentials(id, secret, Environment.GetEnvironmentVariable(Names[2]) is { Length: > 0 } token ? token : null)
            : null;

    /// <summary>Never shows a secret.</summary>
    public override string ToString() => Id;
}
