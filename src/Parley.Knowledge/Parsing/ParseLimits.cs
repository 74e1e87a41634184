namespace Parley.Knowledge.Parsing;

/// <summary>What reading one file may cost.</summary>
internal sealed record ParseLimits
{
    /// <summary>Children that read at the same time.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>Time for one file; its reader is killed within a second of it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Resident memory of a child with all that it started; beyond it the child is killed.</summary>
    public long ResidentBytes { get; init; } = 1L << 30;

    /// <summary>Managed heap of a child.</summary>
    public long HeapBytes { get; init; } = 512L << 20;

    /// <summary>Address space of a child and of each tool it starts. Below 2 GB .NET does not start.</summary>
    public long AddressSpaceBytes { get; init; } = 4L << 30;

    /// <summary>A child makes room after so many files.</summary>
    public int FilesPerChild { get; init; } = 2000;

    /// <summary>A child that holds more than this between two files makes room.</summary>
    public long RestingBytes { get; init; } = 256L << 20;

    /// <summary>A child without work ends after this time.</summary>
    public TimeSpan IdleFor { get; init; } = TimeSpan.FromSeconds(15);
}
