using System.CommandLine;
using Parley.Knowledge.Imports;

namespace Parley.Host.Cli;

/// <summary><c>parley import PATH</c>.</summary>
internal static class ImportCommands
{
    private static readonly Argument<string> Source = new("PATH") { Description = "A folder or a file: Markdown, HTML or text" };
    private static readonly Option<string?> Audience = new("--audience") { HelpName = "public|customers|internal", Description = "Who may be answered from it (a new source: public)" };
    private static readonly Option<string?> Language = new("--language") { HelpName = "TAG", Description = "Language of documents that state none, such as en" };

    internal static Command Create() => CommandFrame.CreateClient("import", "Import documentation: new and changed files are read, files that are gone are removed",
        [Source, Audience, Language], (command, parsed, ct) =>
            ImportCommand.RunAsync(command, new ImportCommandOptions(parsed.GetValue(Source)!, parsed.GetValue(Audience), parsed.GetValue(Language)), ct));
}
