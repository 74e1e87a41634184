using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Parley.Conversations.Feed;

/// <summary>
/// What a customer's feed has delivered: the number of the last event of each conversation that was alive in the last day, and the time.
/// A conversation that is not named had no event for a day when the cursor was made, so all of its events since half a day before that
/// are new: the cursor stays short however many conversations somebody ever had, and nothing is lost or doubled.
/// </summary>
internal sealed class CustomerCursor
{
    /// <summary>Conversations without news for so long are left out.</summary>
    internal static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    /// <summary>Events of a conversation that is left out count from so long before the cursor's time. Nodes' clocks differ by less.</summary>
    internal static readonly TimeSpan Overlap = TimeSpan.FromHours(12);

    private readonly Dictionary<Guid, (long Seq, DateTimeOffset At)> _delivered = [];

    internal CustomerCursor(DateTimeOffset now) => Time = now;

    internal DateTimeOffset Time { get; private set; }

    /// <summary>Only events younger than this can be new.</summary>
    internal DateTimeOffset Since => Time - Overlap;

    internal Guid[] Conversations => [.. _delivered.Keys];

    internal long[] Seqs => [.. _delivered.Values.Select(d => d.Seq)];

    /// <summary>Conversations with an event since then.</summary>
    internal IReadOnlyList<Guid> ActiveSince(DateTimeOffset time) => [.. _delivered.Where(d => d.Value.At >= time).Select(d => d.Key)];

    internal void Deliver(Guid conversationId, long seq, DateTimeOffset at) => _delivered[conversationId] = (seq, at);

    /// <summary>Everything committed before this read has been delivered: the time moves on.</summary>
    internal void MoveTo(DateTimeOffset now)
    {
        if (now <= Time)
        {
            return;
        }
        Time = now;
        foreach (var (id, delivered) in _delivered)
        {
            if (delivered.At < now - Remembered)
            {
                _delivered.Remove(id);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder(Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        foreach (var (id, delivered) in _delivered)
        {
            text.Append('_').Append(Base64Url.EncodeToString(id.ToByteArray())).Append('.').Append(delivered.Seq.ToString(CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    /// <summary>Null: it cannot be read.</summary>
    internal static CustomerCursor? Parse(string text)
    {
        const int idLength = 22;
        var rest = text.AsSpan();
        var end = rest.IndexOf('_');
        if (!long.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799)
        {
            return null;
        }
        var cursor = new CustomerCursor(DateTimeOffset.FromUnixTimeSeconds(seconds));
        Span<byte> id = stackalloc byte[16];
        // An id has 22 signs of which '_' may be one: entries are cut by length, not by their separator.
        for (rest = end < 0 ? [] : rest[end..]; rest.Length > 0;)
        {
            if (rest.Length < idLength + 3 || rest[0] != '_' || rest[idLength + 1] != '.' || Base64Url.DecodeFromChars(rest.Slice(1, idLength), id, out _, out var written) != OperationStatus.Done || written != 16)
            {
                return null;
            }
            rest = rest[(idLength + 2)..];
            var digits = rest.IndexOf('_') is var next && next < 0 ? rest : rest[..next];
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
            {
                return null;
            }
            cursor.Deliver(new Guid(id), seq, cursor.Time);
            rest = rest[digits.Length..];
        }
        return cursor;
    }
}
