namespace Parley.Platform.Cli;

/// <summary>What a command that talks to an instance is given: the way there, and how to speak to whoever called it.</summary>
/// <param name="Http">Base address and credentials of the instance are set; it acts in the chosen tenant.</param>
/// <param name="Json">Print one JSON document to <paramref name="Out"/> and nothing else.</param>
/// <param name="Out">Results.</param>
/// <param name="Progress">One short line per step; shown on standard error, not at all with <c>--quiet</c>.</param>
public sealed record CommandContext(HttpClient Http, bool Json, TextWriter Out, IProgress<string> Progress);

/// <summary>A command cannot do what was asked; the message is one line, names the cause and the mend.</summary>
public sealed class CommandException(string message) : Exception(message);
