using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Parley.Platform;

/// <summary>
/// UUIDv7 (RFC 9562) whose order is the order in which this process made them, also within one millisecond: the 12 bits after
/// the time are a counter. Lists and cursors can then be ordered by id alone.
/// </summary>
public static class Ids
{
    private const long MaxStepBack = 60_000;
    private static readonly ConditionalWeakTable<TimeProvider, Counter> Counters = [];

    /// <summary>A new id at the clock's time.</summary>
    public static Guid New(TimeProvider time) => Counters.GetOrCreateValue(time).Next(time.GetUtcNow().ToUnixTimeMilliseconds());

    private sealed class Counter
    {
        private readonly Lock _gate = new();
        private long _last;
        private int _sequence;

        internal Guid Next(long now)
        {
            Span<byte> bytes = stackalloc byte[16];
            RandomNumberGenerator.Fill(bytes);
            lock (_gate)
            {
                // A clock that was set back a little must not reorder; one that was set back far must be believed.
                if (now > _last || now < _last - MaxStepBack)
                {
                    _last = now;
                    // Starts low, so that a millisecond has room for thousands more.
                    _sequence = bytes[6] & 0x7f;
                }
                else if (++_sequence > 0xfff)
                {
                    _last++;
                    _sequence = 0;
                }
                BinaryPrimitives.WriteInt64BigEndian(bytes, _last << 16 | 0x7000u | (uint)_sequence);
            }
            bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
            return new Guid(bytes, bigEndian: true);
        }
    }
}
