using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Parley.Platform.Errors;
using Parley.Platform.Secrets;

namespace Parley.Platform.Http;

/// <summary>One page of a list.</summary>
/// <param name="Items">At most as many as were asked for.</param>
/// <param name="Next">Give it as <c>cursor</c> to go on; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Where a page starts.</summary>
/// <param name="Limit">1 to 200.</param>
/// <param name="After">The position of the row before it; null: the beginning.</param>
public sealed record PageStart<T>(int Limit, T? After)
    where T : class
{
    /// <summary>Rows to read: one more than shown tells whether there is a next page.</summary>
    public int Fetch => Limit + 1;
}

/// <summary>Opaque cursors: the position as JSON, signed for one tenant and one list, so that nobody can make one up or take one elsewhere.</summary>
public sealed class Paging(MasterKey key)
{
    /// <summary>Items of a page where none is asked for.</summary>
    public const int DefaultLimit = 50;

    /// <summary>The most that may be asked for.</summary>
    public const int MaxLimit = 200;

    private const int SignatureLength = 12;
    private readonly byte[] _key = key.Derive("cursor");

    /// <summary>Reads <c>?cursor=&amp;limit=</c>; 400 naming the parameter that is wrong.</summary>
    /// <param name="tenantId">The caller's tenant.</param>
    /// <param name="list">The list's name with its filters' meaning, e.g. <c>conversations:open</c>.</param>
    /// <param name="cursor">As given by the caller.</param>
    /// <param name="limit">As given by the caller.</param>
    public Result<PageStart<T>> Read<T>(Guid tenantId, string list, string? cursor, int? limit)
        where T : class
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Error.Invalid("limit", $"'limit' must be between 1 and {MaxLimit}.");
        }
        if (string.IsNullOrEmpty(cursor))
        {
            return new PageStart<T>(limit ?? DefaultLimit, null);
        }
        return Open<T>(tenantId, list, cursor) is { } after
            ? new PageStart<T>(limit ?? DefaultLimit, after)
            : Error.Invalid("cursor", "'cursor' is not one that this list gave out. Leave it away to start from the beginning.");
    }

    /// <summary>Makes the page from rows that were read with <see cref="PageStart{T}.Fetch"/> as their limit.</summary>
    public Page<TItem> Make<TRow, TItem, TPosition>(Guid tenantId, string list, PageStart<TPosition> start, IReadOnlyList<TRow> rows, Func<TRow, TPosition> position, Func<TRow, TItem> item)
        where TPosition : class =>
        rows.Count > start.Limit
            ? new Page<TItem>([.. rows.Take(start.Limit).Select(item)], Seal(tenantId, list, position(rows[start.Limit - 1])))
            : new Page<TItem>([.. rows.Select(item)], null);

    internal string Seal<T>(Guid tenantId, string list, T position)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(position, JsonSerializerOptions.Web);
        return WebEncoders.Base64UrlEncode([.. Sign(tenantId, list, body), .. body]);
    }

    internal T? Open<T>(Guid tenantId, string list, string cursor)
        where T : class
    {
        try
        {
            var bytes = WebEncoders.Base64UrlDecode(cursor);
            return bytes.Length > SignatureLength
                && CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, SignatureLength), Sign(tenantId, list, bytes.AsSpan(SignatureLength)))
                ? JsonSerializer.Deserialize<T>(bytes.AsSpan(SignatureLength), JsonSerializerOptions.Web)
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private byte[] Sign(Guid tenantId, string list, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(tenantId.ToByteArray());
        hmac.AppendData(Encoding.UTF8.GetBytes(list));
        hmac.AppendData([0]);
        hmac.AppendData(body);
        return hmac.GetHashAndReset()[..SignatureLength];
    }
}
