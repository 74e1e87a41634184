namespace Parley.Knowledge.Readers;

/// <summary>A file goes beyond what is read of one; the message says how far that is and what to do.</summary>
internal sealed class ReaderLimitException(string message) : Exception(message);
