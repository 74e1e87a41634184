using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Parley.Conversations.Feed;

/// <summary>
/// What an agents' feed has delivered: everything in the tenant's log up to (xid, position), and beyond it, of single conversations,
/// everything up to a number. The log is read below <c>pg_snapshot_xmin</c>, so nothing that commits late is skipped; a conversation that
/// was woken is read ahead of it by its own numbers, so that one long transaction elsewhere does not hold up the inbox.
/// </summary>
internal sealed class AgentCursor(ulong xid, long position)
{
    /// <summary>A cursor is a header's value; beyond this, conversations wait for the log.</summary>
    internal const int MaxAhead = 200;

    private readonly Dictionary<Guid, (long Seq, ulong Xid)> _ahead = [];

    internal ulong Xid { get; private set; } = xid;

    internal long Position { get; private set; } = position;

    internal bool IsFull => _ahead.Count >= MaxAhead;

    internal bool IsAhead => _ahead.Count > 0;

    /// <summary>The last number delivered beyond the log; 0: none.</summary>
    internal long AheadOf(Guid conversationId) => _ahead.TryGetValue(conversationId, out var ahead) ? ahead.Seq : 0;

    /// <summary>A conversation was delivered up to a number ahead of the log.</summary>
    internal void Deliver(Guid conversationId, long seq, ulong xid) =>
        _ahead[conversationId] = (seq, Math.Max(xid, _ahead.TryGetValue(conversationId, out var before) ? before.Xid : 0));

    /// <summary>The log was delivered up to here; what it now covers need not be remembered.</summary>
    internal void MoveTo(ulong xid, long position)
    {
        (Xid, Position) = (xid, position);
        foreach (var (id, ahead) in _ahead)
        {
            if (ahead.Xid < xid)
            {
                _ahead.Remove(id);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{Xid}.{Position}"));
        foreach (var (id, ahead) in _ahead)
        {
            text.Append('_').Append(Base64Url.EncodeToString(id.ToByteArray())).Append(string.Create(CultureInfo.InvariantCulture, $".{ahead.Seq}.{ahead.Xid}"));
        }
        return text.ToString();
    }

    /// <summary>Null: it cannot be read.</summary>
    internal static AgentCursor? Parse(string text)
    {
        const int idLength = 22;
        var end = text.IndexOf('_', StringComparison.Ordinal);
        if (Numbers(end < 0 ? text : text[..end]) is not [var first, var second])
        {
            return null;
        }
        var cursor = new AgentCursor(first, (long)second);
        Span<byte> id = stackalloc byte[16];
        for (var rest = end < 0 ? "" : text[end..]; rest.Length > 0;)
        {
            if (rest.Length < idLength + 2 || rest[0] != '_' || rest[idLength + 1] != '.' || Base64Url.DecodeFromChars(rest.AsSpan(1, idLength), id, out _, out var written) != OperationStatus.Done || written != 16)
            {
                return null;
            }
            rest = rest[(idLength + 2)..];
            var digits = rest.IndexOf('_', StringComparison.Ordinal) is var next && next < 0 ? rest : rest[..next];
            if (Numbers(digits) is not [var seq, var ahead])
            {
                return null;
            }
            cursor.Deliver(new Guid(id), (long)seq, ahead);
            rest = rest[digits.Length..];
        }
        return cursor;
    }

    private static ulong[]? Numbers(string text)
    {
        var parts = text.Split('.');
        var numbers = new ulong[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!ulong.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) || numbers[i] > long.MaxValue)
            {
                return null;
            }
        }
        return numbers;
    }
}
