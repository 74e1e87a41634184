using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Parley.Platform.Errors;

namespace Parley.Platform.Http;

/// <summary>A part of a list; <see cref="Next"/> is given back as <c>?cursor=</c>, null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>What part of a list is asked for. Bound from <c>?cursor=&amp;limit=</c> with <c>[AsParameters]</c>.</summary>
public readonly record struct PageQuery(string? Cursor, int? Limit)
{
    /// <summary>Items where none are asked for.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Items at most.</summary>
    public const int MaxLimit = 200;

    /// <summary>Reads the position after which to go on (null: from the start) and how many items to return.</summary>
    public Result<(PageCursor? After, int Limit)> Read()
    {
        if (Limit is < 1 or > MaxLimit)
        {
            return Error.Invalid("limit", string.Create(CultureInfo.InvariantCulture, $"Give a number from 1 to {MaxLimit}."));
        }
        PageCursor? after = null;
        if (!string.IsNullOrEmpty(Cursor))
        {
            after = PageCursor.Parse(Cursor);
            if (after is null)
            {
                return Error.Invalid("cursor", "Give the value of `next` of an earlier answer.");
            }
        }
        return (after, Limit ?? DefaultLimit);
    }
}

/// <summary>A position in a list that is ordered by time, then id. It holds no right: what is read after it is filtered as ever.</summary>
public readonly record struct PageCursor(DateTimeOffset At, Guid Id)
{
    private const int Length = 24; // ticks and the id

    /// <summary>Reads one more than asked for: whether there is a next page is known without counting.</summary>
    public static Page<T> PageOf<T>(IReadOnlyList<T> oneMore, int limit, Func<T, PageCursor> cursorOf) =>
        oneMore.Count <= limit ? new(oneMore, null) : new([.. oneMore.Take(limit)], cursorOf(oneMore[limit - 1]).ToString());

    /// <summary>The opaque text.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.UtcTicks);
        Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return WebEncoders.Base64UrlEncode(bytes);
    }

    internal static PageCursor? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != bytes.Length)
        {
            return null;
        }
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks
            ? null
            : new PageCursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true));
    }
}
