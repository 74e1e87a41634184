namespace Parley.Knowledge.Readers.Archives;

/// <summary>What an archive may become when it is unpacked, over all that is read of it.</summary>
internal sealed class ExpansionBudget(long packed)
{
    internal const long MaxBytes = 512L * 1024 * 1024;

    /// <summary>Text shrinks to a tenth, XML of an office to a fortieth; what grows by more than this only pretends.</summary>
    internal const int MaxRatio = 200;

    /// <summary>Small archives may grow by any ratio up to this.</summary>
    internal const long Harmless = 32L * 1024 * 1024;

    private long _unpacked;

    /// <exception cref="ReaderLimitException">It is too much.</exception>
    internal void Take(int bytes)
    {
        _unpacked += bytes;
        if (_unpacked > MaxBytes)
            throw new ReaderLimitException($"Unpacked, the file is larger than {MaxBytes >> 20} MB. Split it.");
        if (_unpacked > Harmless && _unpacked > packed * MaxRatio)
            throw new ReaderLimitException($"Unpacked, the file is more than {MaxRatio} times as large: that is no archive of documents.");
    }
}

/// <summary>The unpacked content of one entry, counted while it is read: what an archive says about its sizes is not believed.</summary>
internal sealed class CappedStream(Stream inner, ExpansionBudget budget) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        budget.Take(read);
        return read;
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
            inner.Dispose();
        base.Dispose(disposing);
    }
}
